//! `reset`: a latched alarm is released.

use super::{
    acknowledge::what_holds,
    house::House,
    orders::{self, Outcome},
};
use poe::{AlarmId, Order};
use poe_building::Directory;

pub(super) fn order(house: &dyn House, ids: &[AlarmId], names: &Directory) -> String {
    answer(&orders::give_each(house, ids, Order::Reset), names)
}

fn answer(outcomes: &[Outcome], names: &Directory) -> String {
    orders::answer(outcomes, "reset", names, |alarm| format!("reset; {}", what_holds(alarm)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{
        sample::{self, carried},
        when::When,
    };
    use poe::{Alarm, OrderRefused, State};
    use poe_building::Refusal;

    #[test]
    fn what_burns_is_not_reset() {
        let when = When::spring();
        let forbidden = |refusal| Err(OrderRefused::Forbidden(refusal).into());
        let unseen = Alarm { state: State::ReturnedUnacknowledged, ..sample::flame(13, &when) };
        let outcomes = [
            (AlarmId(11), Ok(carried(Alarm { state: State::Normal, ..sample::flame(11, &when) }))),
            (AlarmId(12), forbidden(Refusal::ConditionHolds)),
            (AlarmId(13), Ok(carried(unseen))),
            (AlarmId(14), forbidden(Refusal::NotLatched)),
        ];
        expect_test::expect![[r#"
            alarm 11 (flame, Kitchen (10.89.21.188_7) in kitchen): reset; it has returned to normal
            refused: reset 12: the condition is still true; reset it once the sensor is back to normal
            alarm 13 (flame, Kitchen (10.89.21.188_7) in kitchen): reset; its condition is gone and nobody has acknowledged it: `ack 13`
            refused: reset 14: it is not latched, so there is nothing to reset; acknowledge it"#]].assert_eq(&answer(&outcomes, &sample::names()));
    }
}

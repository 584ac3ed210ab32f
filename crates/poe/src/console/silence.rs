//! `silence`: the sound of an alarm ends, and nothing else.

use super::{
    acknowledge::what_holds,
    house::House,
    orders::{self, Outcome},
};
use poe::{AlarmId, Order};
use poe_building::Directory;

pub(super) fn order(house: &dyn House, ids: &[AlarmId], names: &Directory) -> String {
    answer(&orders::give_each(house, ids, Order::Silence), names)
}

fn answer(outcomes: &[Outcome], names: &Directory) -> String {
    orders::answer(outcomes, "silence", names, |alarm| format!("silenced; {}", what_holds(alarm)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{
        sample::{self, carried},
        when::When,
    };

    #[test]
    fn silence_is_no_acknowledgement() {
        let outcome = (AlarmId(12), Ok(carried(sample::flame(12, &When::spring()))));
        expect_test::expect!["alarm 12 (flame, Kitchen (10.89.21.188_7) in kitchen): silenced; its condition is true and nobody has acknowledged it: `ack 12`"].assert_eq(&answer(&[outcome], &sample::names()));
    }
}

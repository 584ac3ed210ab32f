//! The parameters after the question mark, taken out one by one.

use std::str::FromStr;

use axum::extract::Query;
use axum::http::{StatusCode, Uri};

use crate::problem::Problem;

/// What has not been taken yet.
#[derive(Debug)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Those of a request.
    pub(crate) fn of(uri: &Uri) -> Result<Self, Problem> {
        let Query(params) = Query::try_from_uri(uri)
            .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "The parameters cannot be read."))?;
        Ok(Params(params))
    }

    /// A parameter as it was written. One that is empty is as one that is not there: forms send it so.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        let mut found = None;
        while let Some(at) = self.0.iter().position(|(known, _)| known == name) {
            let (_, value) = self.0.swap_remove(at);
            if found.replace(value).is_some() {
                return Err(Problem::unfit(name, "This parameter can be given once."));
            }
        }
        Ok(found.filter(|value| !value.is_empty()))
    }

    /// A parameter that may be given several times, in order.
    pub(crate) fn all(&mut self, name: &'static str) -> Vec<String> {
        let (found, rest) = std::mem::take(&mut self.0).into_iter().partition(|(known, _)| known == name);
        self.0 = rest;
        let found: Vec<(String, String)> = found;
        found.into_iter().map(|(_, value)| value).filter(|value| !value.is_empty()).collect()
    }

    /// A parameter that is a number or a word.
    pub(crate) fn read<T: FromStr>(
        &mut self,
        name: &'static str,
        expected: impl FnOnce() -> String,
    ) -> Result<Option<T>, Problem> {
        let read = |text: String| text.parse().map_err(|_| Problem::unfit(name, expected()));
        self.text(name)?.map(read).transpose()
    }

    /// A whole number.
    pub(crate) fn number(&mut self, name: &'static str) -> Result<Option<u64>, Problem> {
        self.read(name, || "This must be a whole number, not below 0.".to_owned())
    }

    /// How many are wanted, `most` at most.
    pub(crate) fn limit(&mut self, name: &'static str, most: usize) -> Result<Option<usize>, Problem> {
        let limit = self.number(name)?;
        let fits = |limit: &u64| (1..=most as u64).contains(limit);
        match limit {
            Some(limit) if !fits(&limit) => Err(Problem::unfit(name, format!("Between 1 and {most}."))),
            limit => Ok(limit.map(|limit| limit as usize)),
        }
    }

    /// Refuses what is left.
    pub(crate) fn end(self) -> Result<(), Problem> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::unfit(name, "There is no such parameter here.")),
        }
    }
}

/// `One of alarm, supervisory and trouble.`
pub(crate) fn one_of<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<_> = words.into_iter().collect();
    match words.split_last() {
        Some((last, [])) => format!("Only {last}."),
        Some((last, others)) => format!("One of {} and {last}.", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poe_building::Class;

    fn params(text: &str) -> Params {
        Params::of(&format!("/api/v1/events?{text}").parse().unwrap()).unwrap()
    }

    #[test]
    fn a_problem_names_its_parameter() {
        let words = || one_of(Class::ALL.map(Class::name));
        let mut wrong = params("class=fire&limit=1001&after=-1&afer=2");
        let expected = Problem::unfit("class", "One of alarm, supervisory and trouble.");
        assert_eq!(wrong.read::<Class>("class", words), Err(expected));
        assert_eq!(wrong.limit("limit", 1_000), Err(Problem::unfit("limit", "Between 1 and 1000.")));
        assert!(wrong.number("after").is_err());
        assert_eq!(wrong.end(), Err(Problem::unfit("afer", "There is no such parameter here.")));
        let twice = Problem::unfit("after", "This parameter can be given once.");
        assert_eq!(params("after=1&after=2").number("after"), Err(twice));
    }

    #[test]
    fn names_come_as_they_are_and_empty_ones_not_at_all() {
        let mut right = params("source=room%20A%2B1&class=&limit=7");
        assert_eq!(right.text("source").unwrap().as_deref(), Some("room A+1"));
        assert_eq!(right.text("class"), Ok(None));
        assert_eq!(right.limit("limit", 10), Ok(Some(7)));
        assert_eq!(right.end(), Ok(()));
    }

    #[test]
    fn some_can_be_given_several_times() {
        let mut several = params("sensor=b&limit=7&sensor=&sensor=a");
        assert_eq!(several.all("sensor"), ["b", "a"]);
        assert_eq!(several.all("sensor"), [""; 0]);
        assert_eq!(several.limit("limit", 10), Ok(Some(7)));
        assert_eq!(several.end(), Ok(()));
    }
}

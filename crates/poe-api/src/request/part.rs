//! A part of a list that is told as a whole, unless somebody asks for less of it at a time.

use axum::http::Uri;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::answer::Page;
use crate::problem::Problem;
use crate::request;

/// As many as the long lists tell at a time; these are shorter.
const LIMIT_MAX: usize = 10_000;

/// Which part of the list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartOfList {
    /// The `next` of the page before. It counts from the beginning: what comes or goes between two pages moves the rest.
    after: Option<u64>,
    /// How many at most; all of them unless it is given.
    #[param(minimum = 1, maximum = 10000)]
    limit: Option<u64>,
}

impl PartOfList {
    /// What a request wants.
    pub(crate) fn of(uri: &Uri) -> Result<Self, Problem> {
        let part: Self = request::query(uri)?;
        request::limit(part.limit, LIMIT_MAX, LIMIT_MAX)?;
        Ok(part)
    }

    /// That part of these. Nothing is made of those behind it.
    pub(crate) fn page<T>(&self, items: impl IntoIterator<Item = T>) -> Page<T> {
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let (from, most) = (self.after.map_or(0, count), self.limit.map_or(usize::MAX, count));
        let mut rest = items.into_iter().skip(from);
        let items: Vec<_> = rest.by_ref().take(most).collect();
        let next = rest.next().map(|_| (from + items.len()) as u64);
        Page { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> (Vec<u32>, Option<u64>) {
        let part = PartOfList::of(&format!("/api/v1/zones?{query}").parse().unwrap()).unwrap();
        let Page { items, next } = part.page(0..5);
        (items, next)
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        assert_eq!(page(""), (vec![0, 1, 2, 3, 4], None));
        assert_eq!(page("limit=2"), (vec![0, 1], Some(2)));
        assert_eq!(page("limit=2&after=2"), (vec![2, 3], Some(4)));
        assert_eq!(page("limit=2&after=4"), (vec![4], None));
        assert_eq!(page("limit=5"), (vec![0, 1, 2, 3, 4], None));
        assert_eq!(page("after=3"), (vec![3, 4], None));
        assert_eq!(page(&format!("limit=1&after={}", u64::MAX)), (vec![], None));
    }

    #[test]
    fn a_limit_has_limits() {
        for (query, field) in
            [("limit=0", "limit"), ("limit=10001", "limit"), ("after=-1", "after"), ("x=1", "x")]
        {
            let problem = PartOfList::of(&format!("/api/v1/zones?{query}").parse().unwrap()).unwrap_err();
            assert_eq!(problem.field.as_deref(), Some(field), "{query}");
        }
    }
}

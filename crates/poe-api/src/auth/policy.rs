//! Who may ask for a path. Every route has a policy, since none can be added without one.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use poe_building::Role;

use crate::auth::Caller;
use crate::problem::Problem;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Everybody, also those whom nobody knows.
    Open,
    /// Who has this role or more. What is out of their reach the route leaves out.
    Role(Role),
    /// As `Everywhere`; on this machine everybody, until there is an account.
    OnceSetUp(Role),
    /// Who has this role or more and sees everything: for what cannot be told apart by buildings.
    Everywhere(Role),
}

impl Policy {
    pub(crate) const VIEWER: Policy = Policy::Role(Role::Viewer);
    pub(crate) const OPERATOR: Policy = Policy::Role(Role::Operator);
    pub(crate) const ENGINEER: Policy = Policy::Everywhere(Role::Engineer);
    pub(crate) const ADMIN: Policy = Policy::Everywhere(Role::Admin);

    /// The least role that it asks for, if it asks for any.
    pub(crate) fn role(self) -> Option<Role> {
        match self {
            Policy::Open => None,
            Policy::Role(role) | Policy::OnceSetUp(role) | Policy::Everywhere(role) => Some(role),
        }
    }

    /// Whether it asks for somebody who sees everything, and not only some buildings.
    pub(crate) fn is_everywhere(self) -> bool {
        matches!(self, Policy::OnceSetUp(_) | Policy::Everywhere(_))
    }

    /// Whether somebody may ask; if not, the answer that they get.
    pub(crate) fn check(self, caller: Option<&Caller>) -> Result<(), Problem> {
        let Some(least) = self.role() else { return Ok(()) };
        let known = match caller {
            Some(Caller::Known(known)) => known,
            Some(Caller::Nobody { at_home: true }) if matches!(self, Policy::OnceSetUp(_)) => return Ok(()),
            _ => return Err(Problem::UNKNOWN_CALLER),
        };
        let sees_enough = !self.is_everywhere() || known.reach.is_everywhere();
        // The same as for a path that does not exist.
        if known.role >= least && sees_enough { Ok(()) } else { Err(Problem::NOT_FOUND) }
    }
}

/// Lets a request through to a route with this policy, or answers it.
pub(crate) async fn authorize(policy: Policy, request: Request, next: Next) -> Response {
    match policy.check(request.extensions().get()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Known, Proof};
    use poe_building::Reach;

    #[test]
    fn a_policy_lets_in_whom_it_names_and_those_above() {
        let caller = |role, buildings: &[&str]| {
            Caller::Known(Known {
                name: "anna".into(),
                role,
                reach: Reach::of(buildings.iter().map(|it| (*it).into()).collect()),
                origin: "::1".into(),
                proof: Proof::Socket(crate::peer::Peer::at([127, 0, 0, 1].into())),
            })
        };
        for least in Role::ALL {
            for role in Role::ALL {
                let expected = if role >= least { Ok(()) } else { Err(Problem::NOT_FOUND) };
                assert_eq!(Policy::Role(least).check(Some(&caller(role, &["main"]))), expected);
                assert_eq!(Policy::Everywhere(least).check(Some(&caller(role, &[]))), expected);
            }
            let limited = Policy::Everywhere(least).check(Some(&caller(Role::Admin, &["main"])));
            assert_eq!(limited, Err(Problem::NOT_FOUND));
            let at_home = Caller::Nobody { at_home: true };
            assert_eq!(Policy::OnceSetUp(least).check(Some(&at_home)), Ok(()));
            assert_eq!(Policy::Role(least).check(Some(&at_home)), Err(Problem::UNKNOWN_CALLER));
            for nobody in [None, Some(&Caller::Nobody { at_home: false })] {
                assert_eq!(Policy::OnceSetUp(least).check(nobody), Err(Problem::UNKNOWN_CALLER));
                assert_eq!(Policy::Role(least).check(nobody), Err(Problem::UNKNOWN_CALLER));
                assert_eq!(Policy::Open.check(nobody), Ok(()));
            }
        }
    }
}

//! Why a try failed, as far as it matters for what is tried next.

use poe_building::Text;

/// A try that brought no yes.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The page is not at fault, as when there is no connection or a secret is missing: the whole target pauses.
    #[error("{0}")]
    Unreachable(String),
    /// The target broke down or was silent over this page. It pauses, and then others have their turn before this one.
    #[error("{0}")]
    Troubled(String),
    /// The target is well, and of several recipients it took some and not all. Only those without it are tried again.
    #[error("{reason}")]
    Partly {
        /// Who was not taken, and why.
        reason: String,
        /// Who has got it in this try.
        reached: Vec<Text>,
        /// All that were not taken were refused for good, as far as the target knows.
        lasting: bool,
    },
    /// The target is well and does not want this page.
    #[error("{0}")]
    Refused(String),
}

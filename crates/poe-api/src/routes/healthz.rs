//! `GET /healthz`: whether the process lives. That it answers says so.

/// Always `ok`.
pub(crate) async fn show() -> &'static str {
    "ok"
}

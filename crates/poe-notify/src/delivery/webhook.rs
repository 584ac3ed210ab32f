//! By a request to an HTTP server. Its status says whether it has the page; of its answer little is read.

use super::{
    client::{Client, told},
    file,
};
use crate::{
    failure::Failure,
    format::{self, Message, hex, plain},
};
use aws_lc_rs::hmac;
use poe_building::{Webhook, WebhookFormat};
use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::timeout;

/// A request with everything that belongs to it. A receiver of alarms that needs longer is no receiver of alarms.
const TOTAL_MAX: Duration = Duration::from_secs(10);

/// Nothing beyond this is read of an answer; connections with longer ones are closed.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// After a yes the rest of the answer is read for so long, so that the connection can serve again.
const REST_MAX: Duration = Duration::from_millis(250);

/// What a failure repeats of an answer, in bytes.
const QUOTED_BYTES_MAX: usize = 160;

/// Brings a message to a webhook.
pub(crate) async fn deliver(
    client: &Client,
    webhook: &Webhook,
    message: &Message<'_>,
) -> Result<(), Failure> {
    limited(client, async {
        let (url, sender) = client.open().await?;
        let body = body(webhook.format, message)?;
        let mut request = sender.post(url).header("Idempotency-Key", message.header_key());
        request = request.header(CONTENT_TYPE, content_type(webhook.format));
        if webhook.format == WebhookFormat::Ntfy {
            for (name, value) in format::ntfy_headers(message) {
                if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                    request = request.header(name, value);
                }
            }
        }
        if let Some(path) = &webhook.secret_file {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let timestamp = since.as_secs().to_string();
            let secret = file::secret("secret_file", path).await?;
            let signature = signature(&secret, &timestamp, &body);
            request = request.header("X-Poe-Timestamp", timestamp).header("X-Poe-Signature", signature);
        }
        sent(request.body(body)).await
    })
    .await
}

/// Asks for an address; its status says whether all is well.
pub(crate) async fn get(client: &Client) -> Result<(), Failure> {
    limited(client, async {
        let (url, sender) = client.open().await?;
        sent(sender.get(url)).await
    })
    .await
}

async fn limited(client: &Client, request: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let result = timeout(TOTAL_MAX, request)
        .await
        .unwrap_or_else(|_| Err(Failure::Troubled(format!("no answer within {} s", TOTAL_MAX.as_secs()))));
    if let Err(Failure::Unreachable(_)) = result {
        client.close().await;
    }
    result
}

async fn sent(request: RequestBuilder) -> Result<(), Failure> {
    let answer = request.send().await.map_err(|error| {
        if error.is_connect() || error.is_builder() {
            Failure::Unreachable(told(error))
        } else {
            Failure::Troubled(told(error))
        }
    })?;
    judge(answer).await
}

async fn judge(mut answer: Response) -> Result<(), Failure> {
    let status = answer.status();
    if status.is_success() {
        // It has said yes. Only the connection hangs on the rest.
        let _ = timeout(REST_MAX, beginning(&mut answer)).await;
        return Ok(());
    }
    let mut reason = format!("the server answered {status}");
    if status.is_redirection() {
        reason.push_str(", and redirects are not followed");
        return Err(Failure::Unreachable(reason));
    }
    let said = timeout(REST_MAX, beginning(&mut answer)).await.unwrap_or_default();
    let said = plain::line(&String::from_utf8_lossy(&said));
    if !said.is_empty() {
        reason.push_str(": ");
        reason.push_str(&plain::clipped(&said, QUOTED_BYTES_MAX));
    }
    const TOO_EARLY: StatusCode = StatusCode::TOO_EARLY;
    match status {
        StatusCode::REQUEST_TIMEOUT | TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            Err(Failure::Troubled(reason))
        }
        status if status.is_client_error() => Err(Failure::Refused(reason)),
        _ => Err(Failure::Troubled(reason)),
    }
}

/// The beginning of an answer; what goes beyond it, or breaks off, is let go.
async fn beginning(answer: &mut Response) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < ANSWER_BYTES_MAX
        && let Ok(Some(chunk)) = answer.chunk().await
    {
        bytes.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES_MAX - bytes.len())]);
    }
    bytes
}

fn body(format: WebhookFormat, message: &Message<'_>) -> Result<Vec<u8>, Failure> {
    let unwritable =
        |error: serde_json::Error| Failure::Refused(format!("the page cannot be written: {error}"));
    match format {
        WebhookFormat::Json => format::json(message).map_err(unwritable),
        WebhookFormat::Slack => format::slack(message).map_err(unwritable),
        WebhookFormat::Ntfy => Ok(format::ntfy_body(message)),
        WebhookFormat::Cap => Ok(format::cap(message)),
    }
}

const fn content_type(format: WebhookFormat) -> &'static str {
    match format {
        WebhookFormat::Json | WebhookFormat::Slack => "application/json",
        WebhookFormat::Ntfy => "text/plain; charset=utf-8",
        WebhookFormat::Cap => "application/cap+xml",
    }
}

/// The signature of "timestamp.body". With the timestamp in it nobody can send an old request again unnoticed.
fn signature(secret: &[u8], timestamp: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mut signing = hmac::Context::with_key(&key);
    signing.update(timestamp.as_bytes());
    signing.update(b".");
    signing.update(body);
    format!("sha256={}", hex(signing.sign().as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_hmac_of_timestamp_point_body() {
        let expected = "sha256=d3793e2b4103edfbd98cc19591832f5fad701d413db9fcae0ae7dab8184ed207";
        let signed = signature(b"Jefe", "1700000000", b"{}");
        assert_eq!(signed, expected, "as Python's hmac module has it");
        assert_ne!(signed, signature(b"Jefe", "1700000001", b"{}"));
        assert_ne!(signed, signature(b"jefe", "1700000000", b"{}"));
    }
}

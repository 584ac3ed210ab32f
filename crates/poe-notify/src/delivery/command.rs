//! By a program on this machine: it gets the page as JSON on its standard input, and its exit status is the answer.

use crate::{
    failure::Failure,
    format::{self, Message, plain},
};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use poe_building::Text;
use std::{
    env,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{ChildStderr, ChildStdin, Command},
    task::JoinSet,
    time::timeout,
};

/// What a failure repeats of the program's complaints, in bytes.
const COMPLAINT_BYTES_MAX: usize = 200;

/// After the program's end its complaints are read for so long: a child that it left behind may hold them open.
const COMPLAINT_REST_MAX: Duration = Duration::from_millis(100);

/// Where programs are looked for if the server itself was given no `PATH`.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Gives a message to a program. It is ended at the time limit, with all that it started and that stayed in its group.
pub(crate) async fn deliver(
    arguments: &[Text],
    time_limit: Duration,
    message: &Message<'_>,
) -> Result<(), Failure> {
    let Some((program, arguments)) = arguments.split_first() else {
        return Err(Failure::Unreachable("the command is empty".into()));
    };
    let json = format::json(message)
        .map_err(|error| Failure::Refused(format!("the page cannot be written: {error}")))?;
    let mut child = Command::new(&**program)
        .args(arguments.iter().map(|argument| &**argument))
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_else(|| PATH.into()))
        .env("POE_KEY", message.header_key())
        .env("POE_CLASS", message.class().name())
        .env("POE_SUMMARY", message.subject())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| {
            Failure::Unreachable(format!("{} cannot be started: {error}", plain::line(program)))
        })?;
    // Dropped before the child is waited for, it ends the group: at the time limit, and when the server stops.
    let mut group = Group(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw));
    // Both are ended when this is over, at the latest.
    let (mut feeding, mut listening) = (JoinSet::new(), JoinSet::new());
    let heard = Arc::new(Mutex::new(Vec::new()));
    if let (Some(stdin), Some(stderr)) = (child.stdin.take(), child.stderr.take()) {
        feeding.spawn(feed(stdin, json));
        listening.spawn(listen(stderr, Arc::clone(&heard)));
    }
    let ended = timeout(time_limit, child.wait()).await;
    if ended.is_ok() {
        group.0 = None;
    }
    let _ = timeout(COMPLAINT_REST_MAX, listening.join_next()).await;
    let complaint = heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let complaint = plain::line(&String::from_utf8_lossy(&complaint));
    let colon = if complaint.is_empty() { "" } else { ": " };
    let failed = |what: String| Err(Failure::Troubled(format!("{what}{colon}{complaint}")));
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => failed(format!("the command ended with {status}")),
        Ok(Err(error)) => failed(format!("the command was lost: {error}")),
        Err(_) => failed(format!("the command was ended after {} s", time_limit.as_secs_f32())),
    }
}

/// A program need not read what it does not need.
async fn feed(mut stdin: ChildStdin, json: Vec<u8>) {
    let _ = stdin.write_all(&json).await;
}

/// Reads all that a program complains of, so that it never waits for us, and keeps the beginning.
async fn listen(mut stderr: ChildStderr, heard: Arc<Mutex<Vec<u8>>>) {
    let mut chunk = [0; 4096];
    while let Ok(read @ 1..) = stderr.read(&mut chunk).await {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        let room = COMPLAINT_BYTES_MAX.saturating_sub(heard.len());
        heard.extend_from_slice(&chunk[..read.min(room)]);
    }
}

/// The processes of a command. As long as their leader is not waited for, no other process can have its number.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // It fails if they have ended in this moment, which is what is wanted.
            let _ = killpg(leader, Signal::SIGKILL);
        }
    }
}

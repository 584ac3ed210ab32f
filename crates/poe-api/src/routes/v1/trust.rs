//! What in a target only an administrator may set: a command runs as the server's user, a password goes to whatever host the
//! target names, and what is signed with a file tells whoever gets it something about that file.

use axum::http::StatusCode;
use poe_building::{Delivery, Model, Role, Target};

use crate::auth::Known;
use crate::problem::Problem;

/// Whether nothing of this is refused to somebody, whatever was there before.
pub(super) fn may_do_all(caller: &Known) -> bool {
    caller.role >= Role::Admin
}

/// Refuses a change of these by somebody who is no administrator.
pub(super) fn check(caller: &Known, old: &Model, new: &Model) -> Result<(), Problem> {
    if may_do_all(caller) {
        return Ok(());
    }
    let before =
        |target: &Target| old.targets.iter().find(|it| it.name == target.name).map(|it| &it.delivery);
    let wanted = new.targets.iter().find(|target| {
        let delivery = &target.delivery;
        match (delivery, before(target)) {
            (Delivery::Command { .. }, before) => before != Some(delivery),
            (Delivery::Email(email), before) if email.password_file.is_some() => !matches!(
                before,
                Some(Delivery::Email(old)) if (&old.host, old.port, old.security, &old.user)
                    == (&email.host, email.port, email.security, &email.user)
                    && (&old.password_file, &old.ca_file) == (&email.password_file, &email.ca_file)
            ),
            (Delivery::Webhook(hook), before) if hook.secret_file.is_some() => !matches!(
                before,
                Some(Delivery::Webhook(old)) if (&old.url, &old.secret_file, &old.ca_file)
                    == (&hook.url, &hook.secret_file, &hook.ca_file)
            ),
            _ => false,
        }
    });
    match wanted {
        None => Ok(()),
        Some(target) => {
            let (field, what) = match target.delivery {
                Delivery::Command { .. } => ("command", "what the server runs"),
                Delivery::Webhook(_) => ("webhook", "what is signed with a secret file, and for whom"),
                _ => ("email", "where a password is sent"),
            };
            let detail = format!("Target {:?}: only an administrator may say {what}.", target.name);
            Err(Problem::because(StatusCode::UNPROCESSABLE_ENTITY, detail).of(field))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Proof;
    use poe_building::{Email, MailSecurity, Reach, Text, Webhook, WebhookFormat};

    fn model(delivery: Delivery) -> Model {
        let target = Target { name: "desk".into(), delivery, expires: None };
        Model { targets: vec![target], ..Model::default() }
    }

    fn mail(host: &str, password_file: Option<&str>) -> Model {
        model(Delivery::Email(Email {
            host: host.into(),
            port: 587,
            security: MailSecurity::StartTls,
            user: Some("poe".into()),
            password_file: password_file.map(Text::from),
            from: "poe@example.org".into(),
            ca_file: None,
            to: vec!["desk@example.org".into()],
        }))
    }

    fn by(role: Role, old: &Model, new: &Model) -> Option<String> {
        let caller = Known {
            name: "eva".into(),
            role,
            reach: Reach::default(),
            origin: "::1".into(),
            proof: Proof::Token("0".into()),
        };
        check(&caller, old, new).err().and_then(|problem| problem.field).map(Into::into)
    }

    #[test]
    fn only_administrators_say_what_is_run_and_where_passwords_go() {
        let run = |word: &str| {
            model(Delivery::Command {
                arguments: vec![word.into()],
                time_limit: std::time::Duration::from_secs(1),
            })
        };
        let hook = |host: &str, secret_file: Option<&str>| {
            model(Delivery::Webhook(Webhook {
                url: format!("https://{host}.example.org").into(),
                format: WebhookFormat::Json,
                secret_file: secret_file.map(Text::from),
                ca_file: None,
            }))
        };
        let signed = hook("a", Some("/etc/secret"));
        let none = Model::default();
        let with = mail("a", Some("/etc/a"));
        for (old, new, expected) in [
            (&none, &run("siren"), Some("command")),
            (&run("siren"), &run("sh"), Some("command")),
            (&run("siren"), &run("siren"), None),
            (&run("siren"), &none, None),
            (&none, &with, Some("email")),
            (&with, &mail("b", Some("/etc/a")), Some("email")),
            (&with, &mail("a", Some("/etc/b")), Some("email")),
            (&with, &with, None),
            (&with, &mail("b", None), None),
            (&none, &mail("a", None), None),
            (&none, &signed, Some("webhook")),
            (&hook("a", None), &signed, Some("webhook")),
            (&signed, &hook("b", Some("/etc/secret")), Some("webhook")),
            (&signed, &hook("a", Some("/etc/shadow")), Some("webhook")),
            (&signed, &signed, None),
            (&signed, &hook("b", None), None),
            (&none, &hook("a", None), None),
        ] {
            assert_eq!(by(Role::Engineer, old, new).as_deref(), expected, "{old:?} {new:?}");
            assert_eq!(by(Role::Admin, old, new), None);
        }
    }
}

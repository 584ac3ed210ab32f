//! What in a target only an administrator may set: a command runs as the server's user, and a password goes to whatever host
//! the target names.

use axum::http::StatusCode;
use poe_building::{Delivery, Model, Role, Target};

use crate::auth::Known;
use crate::problem::Problem;

/// Refuses a change of these by somebody who is no administrator.
pub(super) fn check(caller: &Known, old: &Model, new: &Model) -> Result<(), Problem> {
    if caller.role >= Role::Admin {
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
            _ => false,
        }
    });
    match wanted {
        None => Ok(()),
        Some(target) => {
            let (field, what) = match target.delivery {
                Delivery::Command { .. } => ("command", "what the server runs"),
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
        let hook = model(Delivery::Webhook(Webhook {
            url: "https://example.org".into(),
            format: WebhookFormat::Json,
            secret_file: Some("/etc/secret".into()),
            ca_file: None,
        }));
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
            (&none, &hook, None),
        ] {
            assert_eq!(by(Role::Engineer, old, new).as_deref(), expected, "{old:?} {new:?}");
            assert_eq!(by(Role::Admin, old, new), None);
        }
    }
}

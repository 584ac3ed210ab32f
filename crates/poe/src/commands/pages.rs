//! Lists that come in pages: each says where the next one begins. However long a list is, one page of it is in memory.

use super::{Done, ask};
use poe_api::client::{Client, ClientError};
use serde_json::{Value, json};
use std::{
    error::Error,
    io::{ErrorKind, Write, stdout},
};

/// The most of a list that is asked for at once: a megabyte or two, and a hundredth of a second for the server.
const ITEMS_PER_PAGE: &str = "5000";

/// The pages of a list, one after the other, to its end.
pub(crate) struct Pages<'a> {
    client: &'a Client,
    path: String,
    /// Where the next page begins; `None` after the last.
    next: Option<u64>,
}

impl<'a> Pages<'a> {
    /// The list at a path, which may have parameters.
    pub(crate) fn of(client: &'a Client, path: &str) -> Self {
        let and = if path.contains('?') { '&' } else { '?' };
        Self { client, path: format!("{path}{and}limit={ITEMS_PER_PAGE}&after="), next: Some(0) }
    }

    /// All of them at once, where so many are never too many for the memory.
    pub(crate) fn whole(self) -> Result<Value, ClientError> {
        let mut items = Vec::new();
        for page in self {
            items.extend_from_slice(ask::items(&page?));
        }
        Ok(json!({ "items": items, "next": null }))
    }

    /// Prints all of them as one list, for programs.
    pub(crate) fn print_json(self) -> Done {
        print_as_one(self)
    }

    /// Prints each page as `show` has it, and returns how many items there were. Who has gone away has seen enough.
    pub(crate) fn print(self, mut show: impl FnMut(&[Value]) -> String) -> Result<usize, Box<dyn Error>> {
        let mut count = 0;
        for page in self {
            let page = page.map_err(ask::failed)?;
            let items = ask::items(&page);
            count += items.len();
            if !items.is_empty() && !print(&show(items))? {
                break;
            }
        }
        Ok(count)
    }
}

impl Iterator for Pages<'_> {
    type Item = Result<Value, ClientError>;

    fn next(&mut self) -> Option<Self::Item> {
        let page = self.client.get(&format!("{}{}", self.path, self.next.take()?));
        if let Ok(page) = &page {
            self.next = page["next"].as_u64();
        }
        Some(page)
    }
}

/// Prints the items of all pages as one list, for programs.
pub(crate) fn print_as_one(pages: impl Iterator<Item = Result<Value, ClientError>>) -> Done {
    let mut comma = "{\"items\":[";
    for page in pages {
        let mut text = String::new();
        for item in ask::items(&page.map_err(ask::failed)?) {
            text.push_str(comma);
            text.push_str(&item.to_string());
            comma = ",";
        }
        if !print(&text)? {
            return Ok(());
        }
    }
    let empty = if comma == "," { "" } else { comma };
    print(&format!("{empty}],\"next\":null}}\n"))?;
    Ok(())
}

/// Whether somebody still reads.
pub(super) fn print(text: &str) -> Result<bool, String> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(cause) => Err(format!("could not print to standard output: {cause}")),
    }
}

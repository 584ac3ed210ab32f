//! Lists what a browser is served: `cargo run -p poe-web --example files`.

use poe_web::{File, Site};

fn main() {
    let what = if Site::DASHBOARD.is_some() { "the dashboard" } else { "no dashboard" };
    println!("{what}");
    for File { path, media_type, forms, .. } in Site::default().files {
        let forms: Vec<_> =
            forms.iter().map(|form| format!("{} {}", form.coding.name(), form.bytes.len())).collect();
        println!("{path}: {media_type}: {}", forms.join(", "));
    }
}

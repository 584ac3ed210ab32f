//! A whole program: a server that prints every status that a sensor takes.
//!
//! `cargo run --example watch -- 127.0.0.1:1234 database.db`, and in another terminal
//! `cargo run -- simulate -c 3 -t 1`.

use std::{env, error::Error};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "0.0.0.0:1234".to_owned());
    let file = arguments.next().unwrap_or_else(|| "database.db".to_owned());

    let db = poe::Db::open(file)?;
    let sys = poe::Sys::start(&address, 1024, db)?;
    let notices = sys.watch()?;
    println!("listening on {}", sys.tcp_addresses()[0]);
    for sensor in sys.sensors() {
        println!("known: {} {} {} {}", sensor.ip_id, sensor.kind, sensor.value, sensor.status);
    }

    // Until the program is ended. What has been shown is stored, also by a sudden end.
    for told in notices {
        if let poe::Notice::StatusChanged { address, id, to, value, .. } = told.notice {
            println!("{address}_{id} reads {value}: {to}");
        }
    }
    sys.stop()?;
    Ok(())
}

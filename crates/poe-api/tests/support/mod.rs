//! What the tests of the door share.

/// The rest of a server that knows nothing of a building.
macro_rules! knows_nothing {
    () => {
        fn run(&self) -> poe_api::Run {
            poe_api::Run::default()
        }

        fn flood(&self) -> bool {
            false
        }

        fn board(&self) -> std::sync::Arc<poe_store::Board> {
            std::sync::Arc::default()
        }

        fn latest(&self) -> std::sync::Arc<poe_store::Latest> {
            std::sync::Arc::default()
        }

        fn journal(&self) -> Result<poe_store::JournalReader, poe_store::OpenError> {
            poe_store::JournalReader::open(std::path::Path::new("/nowhere"))
        }

        fn order(
            &self,
            _: poe_building::Order,
            _: poe_building::Who,
        ) -> Result<poe_api::Ordered, poe_api::OrderFailed> {
            Err(poe_api::OrderFailed::Stopped)
        }

        fn history(&self) -> Option<std::sync::Arc<poe_history::History>> {
            None
        }

        fn imports_folder(&self) -> std::path::PathBuf {
            "/nowhere/imports".into()
        }

        fn follow(&self) -> tokio::sync::broadcast::Receiver<std::sync::Arc<poe_api::Occurrence>> {
            tokio::sync::broadcast::channel(1).1
        }

        fn nodes(&self) -> Vec<poe_building::NodeView> {
            Vec::new()
        }

        fn quarantine(&self) -> Vec<poe_building::Quarantined> {
            Vec::new()
        }

        fn targets(&self) -> Vec<poe_api::TargetStatus> {
            Vec::new()
        }

        fn latency(&self) -> poe_api::Latency {
            poe_api::Latency::default()
        }

        fn read_building(&self, _: &str) -> Result<poe_building::Model, Vec<String>> {
            Err(Vec::new())
        }

        fn plans_folder(&self) -> std::path::PathBuf {
            "/nowhere/plans".into()
        }

        fn write_building(&self, _: &poe_building::Model) -> String {
            String::new()
        }

        fn backup(&self) -> Result<poe_store::Backup, poe_store::BackupError> {
            Err(poe_store::BackupError::Busy)
        }
    };
}
pub(crate) use knows_nothing;

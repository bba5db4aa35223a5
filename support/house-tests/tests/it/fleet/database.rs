//! Where the rows of a fleet are.

use std::{path::PathBuf, sync::Arc};

use invitations_core::token::TokenStore;
use invitations_sqlx::SqliteStore;
use serde_json::{Value, json};

#[cfg(feature = "postgres")]
use super::schema::Schema;

/// The kinds there are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

#[derive(Clone, Debug)]
pub(crate) enum Database {
    Sqlite(PathBuf),
    #[cfg(feature = "postgres")]
    Postgres(Schema),
}

impl Database {
    /// An empty one.
    pub(crate) fn new(kind: Kind, folder: PathBuf) -> Self {
        match kind {
            Kind::Sqlite => Self::Sqlite(folder.join("tokens.db")),
            #[cfg(feature = "postgres")]
            Kind::Postgres => Self::Postgres(Schema::new()),
        }
    }

    /// For another process.
    pub(crate) fn told(&self) -> Value {
        match self {
            Self::Sqlite(file) => json!({ "file": file }),
            #[cfg(feature = "postgres")]
            Self::Postgres(schema) => json!({ "schema": schema.name() }),
        }
    }

    /// As another process told it.
    pub(crate) fn read(told: &Value) -> Self {
        #[cfg(feature = "postgres")]
        if let Some(name) = told["schema"].as_str() {
            return Self::Postgres(Schema::of_another_process(name));
        }
        Self::Sqlite(told["file"].as_str().expect("a file").into())
    }

    pub(crate) async fn store(&self) -> Arc<dyn TokenStore> {
        match self {
            Self::Sqlite(file) => Arc::new(SqliteStore::open(file).await.expect("a store")),
            #[cfg(feature = "postgres")]
            Self::Postgres(schema) => Arc::new(schema.store().await),
        }
    }

    /// All that it holds, piece by piece, each with its place.
    pub(crate) async fn everything(&self) -> Vec<(String, Vec<u8>)> {
        match self {
            // beside the file there may be its log
            Self::Sqlite(file) => {
                let folder = std::fs::read_dir(file.parent().expect("a folder")).expect("a folder");
                let pieces: Vec<_> = folder
                    .map(|entry| entry.expect("an entry").path())
                    .map(|path| (path.display().to_string(), std::fs::read(&path).expect("a file")))
                    .collect();
                let path = file.display().to_string();
                assert!(pieces.iter().any(|(place, bytes)| *place == path && !bytes.is_empty()), "nothing is stored");
                pieces
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(schema) => schema.everything().await,
        }
    }
}

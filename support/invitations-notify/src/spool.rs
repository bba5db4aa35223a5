use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use invitations_core::{
    Error, ErrorKind, Remedy, Result, RetryClass,
    invitation::{Notice, Notifier},
};

use crate::text;

/// Writes every notice as a JSON file into a folder: for development, demos and a mail program that watches the folder.
///
/// The files hold links that admit whoever reads them; on Unix they are for their owner only. A notice delivered twice is one file.
#[derive(Clone, Debug)]
pub struct SpoolNotifier(PathBuf);

impl SpoolNotifier {
    /// Spools into `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// [`Misconfigured`](ErrorKind::Misconfigured) when the folder cannot be made.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(|error| {
            Error::new(ErrorKind::Misconfigured, "open spool folder")
                .with_source(error)
                .with_remedy(Remedy::new("Name a folder that this program may write to."))
        })?;
        Ok(Self(folder))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    fn write(&self, notice: &Notice) -> io::Result<()> {
        // the value may hold any character; its bytes in hexadecimal are a file name everywhere
        let name = HEXLOWER.encode(notice.dedupe.as_bytes());
        let name = name.get(name.len().saturating_sub(120)..).unwrap_or(&name).to_owned();
        let (draft, file) = (self.0.join(format!(".{name}.part")), self.0.join(format!("{name}.json")));
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(&draft)?;
        writeln!(out, "{:#}", text::json(notice))?;
        out.sync_all()?;
        fs::rename(draft, file)
    }
}

#[async_trait]
impl Notifier for SpoolNotifier {
    async fn deliver(&self, notice: &Notice) -> Result<()> {
        self.write(notice).map_err(|error| {
            Error::new(ErrorKind::Unavailable, "spool notice")
                .with_source(error)
                .with_retry(RetryClass::Safe { after: None })
        })
    }
}

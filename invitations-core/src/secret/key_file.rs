//! The file of a key ring: read with suspicion, created whole and only once.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;
use zeroize::{Zeroize as _, Zeroizing};

use super::{envelope::check_key_id, key_ring::Key};
use crate::{
    Error, ErrorKind, Remedy, Result,
    runtime::{Entropy as _, SystemEntropy},
};

/// No honest key file is longer, in bytes.
const LONGEST: u64 = 64 * 1024;

/// What a key file says.
pub(super) struct KeyFile {
    pub(super) current: String,
    pub(super) keys: BTreeMap<String, Key>,
}

/// Reads the file at `path`; `None` when there is none.
pub(super) fn read(path: &Path) -> Result<Option<KeyFile>> {
    const OPERATION: &str = "read key file";
    let unreadable = |error| {
        misconfigured(OPERATION, path, "cannot be read", "Let the service's own user read the key file.")
            .with_source(error)
    };
    let file = match open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    // asked of the open file, so that nobody can exchange it in between
    let about = file.metadata().map_err(unreadable)?;
    if !about.is_file() || about.len() > LONGEST {
        return Err(misconfigured(OPERATION, path, "is not a key file", "Give the path of a key file."));
    }
    if open_to_others(&about) {
        let remedy = "Run `chmod 600` on the key file; if others may have read it, rotate the key.";
        return Err(misconfigured(OPERATION, path, "can be read by other users", remedy));
    }
    // all the room at once: a buffer that grows leaves copies of the keys behind
    let mut text = Zeroizing::new(Vec::with_capacity(LONGEST as usize + 1));
    file.take(LONGEST).read_to_end(&mut text).map_err(unreadable)?;
    let remedy = "Restore the key file from its backup; a new one cannot open what the old one sealed.";
    parse(&text).map(Some).map_err(|problem| misconfigured(OPERATION, path, &problem, remedy))
}

/// Writes `keys` to `path` unless a file is there by then. Never overwrites; never shows a half-written file.
pub(super) fn create(path: &Path, keys: &KeyFile) -> Result<()> {
    let failed = |error| {
        let remedy =
            "Name a path in an existing folder that the service may write to, on a file system with hard links.";
        misconfigured("create key file", path, "cannot be created", remedy).with_source(error)
    };
    let missing = || failed(io::Error::from(io::ErrorKind::InvalidInput));
    let name = path.file_name().ok_or_else(missing)?;
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut random = [0; 16];
    SystemEntropy.fill(&mut random)?;
    let mut draft_name = name.to_owned();
    draft_name.push(format!(".{}.new", HEXLOWER.encode(&random)));

    let draft = Draft(folder.join(draft_name));
    draft.write(&render(keys)).map_err(failed)?;
    // a link, unlike a rename, fails when the name is taken
    match fs::hard_link(&draft.0, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
        Ok(()) | Err(_) => {}
    }
    drop(draft);
    sync_folder(folder).map_err(failed)
}

/// A file under a name of its own, removed on drop.
struct Draft(PathBuf);

impl Draft {
    fn write(&self, text: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.0)?;
        file.write_all(text)?;
        file.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // nothing depends on a left-over: its name is never read
        let _ = fs::remove_file(&self.0);
    }
}

fn parse(text: &[u8]) -> Result<KeyFile, String> {
    // the parser's own words could quote a key, so only the place is told
    let mut root: Value = serde_json::from_slice(text)
        .map_err(|error| format!("is not JSON (line {}, column {})", error.line(), error.column()))?;
    let read = read_keys(&root);
    wipe(&mut root);
    read
}

fn read_keys(root: &Value) -> Result<KeyFile, String> {
    let current = root.get("current").and_then(Value::as_str).ok_or("has no \"current\" key id")?;
    let stored = root.get("keys").and_then(Value::as_object).ok_or("has no \"keys\"")?;
    let mut keys = BTreeMap::new();
    for (id, key) in stored {
        check_key_id(id).map_err(|_| "has a key id that is not 1 to 64 characters out of A-Z a-z 0-9 . _ -")?;
        let wrong = || format!("has a key {id:?} that is not 32 bytes in base64");
        let bytes = BASE64.decode(key.as_str().ok_or_else(wrong)?.as_bytes()).map_err(|_| wrong())?;
        let bytes = Zeroizing::new(bytes);
        let mut kept = Key::default();
        if bytes.len() != kept.len() {
            return Err(wrong());
        }
        kept.copy_from_slice(&bytes);
        keys.insert(id.clone(), kept);
    }
    if !keys.contains_key(current) {
        return Err("has a \"current\" key id that is not among its \"keys\"".to_owned());
    }
    Ok(KeyFile { current: current.to_owned(), keys })
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Ids and base64 need no escapes, so the text is put together in a buffer that is wiped.
fn render(file: &KeyFile) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(64 + file.current.len() + file.keys.len() * 160));
    text.extend_from_slice(b"{\n  \"current\": \"");
    text.extend_from_slice(file.current.as_bytes());
    text.extend_from_slice(b"\",\n  \"keys\": {");
    for (at, (id, key)) in file.keys.iter().enumerate() {
        let encoded = Zeroizing::new(BASE64.encode(&**key));
        text.extend_from_slice(if at == 0 { b"\n    \"" } else { b",\n    \"" });
        text.extend_from_slice(id.as_bytes());
        text.extend_from_slice(b"\": \"");
        text.extend_from_slice(encoded.as_bytes());
        text.push(b'"');
    }
    text.extend_from_slice(b"\n  }\n}\n");
    text
}

fn misconfigured(operation: &'static str, path: &Path, problem: &str, remedy: &'static str) -> Error {
    Error::new(ErrorKind::Misconfigured, operation)
        .with_detail(format!("{} {problem}", path.display()))
        .with_remedy(Remedy::new(remedy))
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(unix)]
fn open_to_others(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    about.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn open_to_others(_about: &fs::Metadata) -> bool {
    false
}

/// Makes the new name survive a power cut: a key that is lost is everything lost that it sealed.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::secret::{KeyRing, SealContext, Sealer as _};

    /// A folder of its own for one test, removed on drop.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let mut random = [0; 16];
            SystemEntropy.fill(&mut random).unwrap();
            let path = std::env::temp_dir().join(format!("key-file-{}", HEXLOWER.encode(&random)));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn with_key_file(text: &str) -> Self {
            let folder = Self::new();
            Draft::write(&std::mem::ManuallyDrop::new(Draft(folder.key_file())), text.as_bytes()).unwrap();
            folder
        }

        fn key_file(&self) -> PathBuf {
            self.0.join("keys.json")
        }

        fn names(&self) -> Vec<String> {
            let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            names.collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn context() -> SealContext {
        SealContext::new("tokens", ["c1"])
    }

    #[tokio::test]
    async fn the_second_start_finds_the_keys_of_the_first() {
        let folder = Folder::new();
        let sealed = KeyRing::from_file_or_create(folder.key_file()).unwrap().seal(&context(), b"x").await.unwrap();
        let again = KeyRing::from_file_or_create(folder.key_file()).unwrap();
        assert_eq!(again.open(&context(), &sealed).await.unwrap().expose(), b"x");
        assert_eq!(folder.names(), ["keys.json"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(folder.key_file()).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn all_who_create_at_once_end_with_the_same_keys() {
        for _ in 0..20 {
            let folder = Folder::new();
            let start = Barrier::new(8);
            let create = || {
                start.wait();
                KeyRing::from_file_or_create(folder.key_file()).unwrap()
            };
            let rings: Vec<_> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let sealed = rings[0].seal(&context(), b"x").await.unwrap();
            for ring in &rings {
                assert_eq!(ring.open(&context(), &sealed).await.unwrap().expose(), b"x");
            }
            assert_eq!(folder.names(), ["keys.json"]);
        }
    }

    #[test]
    fn a_create_that_comes_second_changes_nothing() {
        let folder = Folder::with_key_file("first");
        create(&folder.key_file(), &KeyFile::from(&KeyRing::generate().unwrap())).unwrap();
        assert_eq!(fs::read_to_string(folder.key_file()).unwrap(), "first");
        assert_eq!(folder.names(), ["keys.json"]);
    }

    #[tokio::test]
    async fn a_file_with_several_keys_seals_with_the_current_one() {
        let key = |byte| BASE64.encode(&[byte; 32]);
        let text = format!(r#"{{"current":"k1","keys":{{"k1":"{}","k2":"{}"}}}}"#, key(1), key(2));
        let folder = Folder::with_key_file(&text);
        let ring = KeyRing::from_file_or_create(folder.key_file()).unwrap();
        assert_eq!(ring.current_key(), "k1");
        let other = KeyRing::new("k2", [2; 32]).unwrap().seal(&context(), b"x").await.unwrap();
        assert_eq!(ring.open(&context(), &other).await.unwrap().expose(), b"x");
    }

    #[test]
    fn a_rendered_file_reads_back() {
        let keys = (1..=3).map(|n| (format!("k{n}"), Zeroizing::new([n; 32]))).collect();
        let file = KeyFile { current: "k2".into(), keys };
        let text = render(&file);
        let read = parse(&text).unwrap();
        assert_eq!((read.current, read.keys), (file.current, file.keys));
    }

    #[test]
    fn a_bad_file_is_told_with_a_remedy_and_without_its_content() {
        let short = BASE64.encode(&[1; 31]);
        let planted = "cGxhbnRlZA==";
        let bad = [
            String::new(),
            "{".to_owned(),
            format!("\"{planted}\""),
            format!(r#"{{"current":"k1","keys":"{planted}"}}"#),
            format!(r#"{{"current":"k1","keys":{{"k1":"{planted}"}}}}"#),
            format!(r#"{{"current":"k1","keys":{{"k1":"{short}"}}}}"#),
            format!(r#"{{"current":"k1","keys":{{"k 1":"{planted}"}}}}"#),
            format!(r#"{{"current":"k1","keys":{{"k1":["{planted}"]}}}}"#),
            r#"{"current":"k1","keys":{}}"#.to_owned(),
            " ".repeat(LONGEST as usize + 1),
        ];
        for text in bad {
            let folder = Folder::with_key_file(&text);
            let error = KeyRing::from_file_or_create(folder.key_file()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Misconfigured, "{text:.80}");
            assert!(error.remedy().is_some());
            let told = format!("{error} {error:?}");
            assert!(!told.contains(planted) && !told.contains(&short), "{told}");
            assert_eq!(fs::read_to_string(folder.key_file()).unwrap(), text, "never overwritten");
        }
    }

    #[test]
    fn a_path_that_cannot_be_a_file_is_refused() {
        let folder = Folder::new();
        for path in [folder.0.join("missing").join("keys.json"), folder.0.clone()] {
            let error = KeyRing::from_file_or_create(&path).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Misconfigured, "{path:?}");
            assert!(error.remedy().is_some());
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Folder::new();
        KeyRing::from_file_or_create(folder.key_file()).unwrap();
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(folder.key_file(), fs::Permissions::from_mode(mode)).unwrap();
            let error = KeyRing::from_file_or_create(folder.key_file()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Misconfigured, "{mode:o}");
            assert!(error.remedy().unwrap().action.contains("chmod 600"));
        }
    }
}

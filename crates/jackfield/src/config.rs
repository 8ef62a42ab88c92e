//! The configuration. One precedence: flags, then environment (`JACKFIELD_*`), then the file, then defaults.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::args::{Global, ServeArgs};

/// The file, TOML. Every key may be left out.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    state_dir: Option<PathBuf>,
    listen: Option<String>,
    public_url: Option<String>,
    trusted_proxies: Option<Vec<String>>,
    allow_networks: Option<Vec<String>>,
    apply: Option<PathBuf>,
    log: Option<String>,
    log_format: Option<String>,
    metrics: Option<String>,
    allowed_hosts: Option<Vec<String>>,
    audit_days: Option<u32>,
}

/// Who may read the metrics.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MetricsFor {
    /// Who has the token of the REST API.
    Token,
    /// Who can reach the gateway.
    Anybody,
    /// None are recorded.
    Nobody,
}

/// Where a value comes from.
#[derive(Clone, Copy, Serialize, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// A flag or its environment variable.
    FlagOrEnvironment,
    /// The configuration file.
    File,
    /// Built in.
    Default,
}

/// One line of `config check`.
#[derive(Serialize)]
pub(crate) struct Line {
    pub(crate) key: &'static str,
    pub(crate) value: String,
    pub(crate) source: Source,
}

/// What is in force.
pub(crate) struct Settings {
    pub(crate) state_dir: PathBuf,
    pub(crate) listen: SocketAddr,
    /// Whether the listen address was chosen by somebody.
    pub(crate) listen_chosen: bool,
    /// None: derived from the address that is bound.
    pub(crate) public_url: Option<String>,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) allow_networks: Vec<String>,
    pub(crate) apply: Option<PathBuf>,
    pub(crate) log: String,
    pub(crate) log_json: bool,
    pub(crate) metrics: MetricsFor,
    /// Host names by which the gateway may be called beside its own.
    pub(crate) allowed_hosts: Vec<String>,
    /// How far back the audit log reaches.
    pub(crate) audit_kept: std::time::Duration,
    pub(crate) lines: Vec<Line>,
}

const DEFAULT_FILE: &str = "jackfield.toml";

fn read(global: &Global) -> Result<File> {
    let path = match &global.config {
        Some(p) => p.as_path(),
        None if Path::new(DEFAULT_FILE).exists() => Path::new(DEFAULT_FILE),
        None => return Ok(File::default()),
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration file {}", path.display()))?;
    // toml's error names line, column and the unknown key with those that are known.
    toml::from_str(&text).with_context(|| format!("in the configuration file {}", path.display()))
}

fn pick<T: Clone>(
    lines: &mut Vec<Line>,
    key: &'static str,
    flag: Option<T>,
    file: Option<T>,
    default: T,
    show: impl Fn(&T) -> String,
) -> T {
    let (value, source) = match (flag, file) {
        (Some(v), _) => (v, Source::FlagOrEnvironment),
        (None, Some(v)) => (v, Source::File),
        (None, None) => (default, Source::Default),
    };
    lines.push(Line { key, value: show(&value), source });
    value
}

/// The environment variables that mean something. One that does not is a slip, which would otherwise do nothing in silence.
const VARIABLES: [&str; 13] = [
    "JACKFIELD_STATE_DIR",
    "JACKFIELD_CONFIG",
    "JACKFIELD_LISTEN",
    "JACKFIELD_PUBLIC_URL",
    "JACKFIELD_TRUSTED_PROXIES",
    "JACKFIELD_ALLOW_NETWORKS",
    "JACKFIELD_APPLY",
    "JACKFIELD_LOG",
    "JACKFIELD_LOG_FORMAT",
    "JACKFIELD_METRICS",
    "JACKFIELD_ALLOWED_HOSTS",
    "JACKFIELD_AUDIT_DAYS",
    "JACKFIELD_CONTRACT_FILTER_MUST_MATCH",
];

/// Values of params for `connect`, by connector and param.
const SETS: &str = "JACKFIELD_SET_";

fn check_variables(mut names: impl Iterator<Item = String>) -> Result<()> {
    let Some(name) = names.find(|n| n.starts_with("JACKFIELD_") && !n.starts_with(SETS) && !VARIABLES.contains(&n.as_str())) else {
        return Ok(());
    };
    let hint = match connector_core::schema::closest(&name, VARIABLES.into_iter()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("known are {}", VARIABLES.join(", ")),
    };
    bail!("the environment variable {name} is not known; {hint}")
}

/// Everything, checked.
pub(crate) fn load(global: &Global, args: &ServeArgs) -> Result<Settings> {
    check_variables(std::env::vars_os().filter_map(|(n, _)| n.into_string().ok()))?;
    let file = read(global)?;
    let mut lines = Vec::new();
    let l = &mut lines;
    let list = |v: &Vec<String>| v.join(", ");
    let some = |v: Vec<String>| Some(v).filter(|v| !v.is_empty());
    let state_dir =
        pick(l, "state_dir", global.state_dir.clone(), file.state_dir, "jackfield-data".into(), |p: &PathBuf| {
            p.display().to_string()
        });
    let listen_text = pick(l, "listen", args.listen.clone(), file.listen, "127.0.0.1:8080".into(), String::clone);
    let listen_chosen = l.last().is_some_and(|line| line.source != Source::Default);
    let public_url = pick(l, "public_url", args.public_url.clone().map(Some), file.public_url.map(Some), None, |u| {
        u.clone().unwrap_or_else(|| "http:// and the listen address".into())
    });
    let proxies =
        pick(l, "trusted_proxies", some(args.trusted_proxies.clone()), file.trusted_proxies, Vec::new(), list);
    let allow_networks =
        pick(l, "allow_networks", some(args.allow_networks.clone()), file.allow_networks, Vec::new(), list);
    let apply = pick(l, "apply", args.apply.clone().map(Some), file.apply.map(Some), None, |p| {
        p.as_ref().map(|p| p.display().to_string()).unwrap_or_default()
    });
    let log = pick(l, "log", args.log.clone(), file.log, "info".into(), String::clone);
    let format = pick(l, "log_format", args.log_format.clone(), file.log_format, "text".into(), String::clone);
    let metrics = pick(l, "metrics", args.metrics.clone(), file.metrics, "token".into(), String::clone);
    let allowed_hosts =
        pick(l, "allowed_hosts", some(args.allowed_hosts.clone()), file.allowed_hosts, Vec::new(), list);
    let audit_days = pick(l, "audit_days", args.audit_days, file.audit_days, 400, u32::to_string);

    if let Some(wrong) = allowed_hosts.iter().find(|h| h.is_empty() || h.contains(['/', ':', '@', '*'])) {
        bail!("`allowed_hosts` must hold names without scheme and port, such as gateway.internal, not `{wrong}`");
    }
    if !(1..=36_500).contains(&audit_days) {
        bail!("`audit_days` must be 1 to 36500");
    }
    let listen = listen_text.parse().with_context(|| {
        format!("`listen` must be an address and a port such as 127.0.0.1:8080, not `{listen_text}`")
    })?;
    let public_url = match public_url {
        Some(u) => Some(check_public_url(&u)?),
        None => None,
    };
    let trusted_proxies = proxies
        .iter()
        .map(|p| {
            p.parse::<IpNet>()
                .or_else(|_| p.parse::<std::net::IpAddr>().map(IpNet::from))
                .with_context(|| format!("`trusted_proxies` must hold networks such as 10.0.0.0/8, not `{p}`"))
        })
        .collect::<Result<Vec<_>>>()?;
    crate::serve::transport(&allow_networks)?;
    if let Err(e) = tracing_subscriber::EnvFilter::try_new(&log) {
        bail!("`log` must be a filter such as `info` or `info,jackfield_engine=debug`: {e}");
    }
    let log_json = match format.as_str() {
        "text" => false,
        "json" => true,
        other => bail!("`log_format` must be text or json, not `{other}`"),
    };
    let metrics = match metrics.as_str() {
        "token" => MetricsFor::Token,
        "open" => MetricsFor::Anybody,
        "off" => MetricsFor::Nobody,
        other => bail!("`metrics` must be token, open or off, not `{other}`"),
    };
    Ok(Settings {
        state_dir,
        listen,
        listen_chosen,
        public_url,
        trusted_proxies,
        allow_networks,
        apply,
        log,
        log_json,
        metrics,
        allowed_hosts,
        audit_kept: std::time::Duration::from_secs(u64::from(audit_days) * 86_400),
        lines,
    })
}

fn check_public_url(text: &str) -> Result<String> {
    let url =
        connector_core::request::parse_url(text).map_err(|e| anyhow::anyhow!("`public_url`: {}", e.caller_text()))?;
    if url.query().is_some() || url.fragment().is_some() {
        bail!("`public_url` must not have a query or a fragment");
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn global(config: Option<PathBuf>) -> Global {
        Global { state_dir: None, config, json: false }
    }

    #[test]
    fn flags_go_before_the_file_and_the_file_before_defaults() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:9\"\npublic_url = \"https://hooks.example.com/\"\n").unwrap();
        let s = load(&global(Some(path)), &ServeArgs { listen: Some("127.0.0.1:7".into()), ..ServeArgs::default() })
            .unwrap();
        assert_eq!(s.listen.port(), 7);
        assert_eq!(s.public_url.as_deref(), Some("https://hooks.example.com"));
        assert_eq!(s.log, "info");
        let source = |k: &str| s.lines.iter().find(|l| l.key == k).unwrap().source;
        assert_eq!(
            [source("listen"), source("public_url"), source("log")],
            [Source::FlagOrEnvironment, Source::File, Source::Default]
        );
    }

    #[test]
    fn a_misspelt_variable_is_an_error() {
        let names = |list: &[&str]| check_variables(list.iter().map(|n| (*n).to_owned()));
        assert!(names(&["JACKFIELD_LISTEN", "PATH", "JACKFIELDS"]).is_ok());
        assert!(names(&["JACKFIELD_LISEN"]).unwrap_err().to_string().contains("did you mean JACKFIELD_LISTEN?"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j.toml");
        let message = |text: &str| {
            std::fs::write(&path, text).unwrap();
            format!("{:#}", load(&global(Some(path.clone())), &ServeArgs::default()).err().unwrap())
        };
        assert!(message("listn = \"x\"").contains("listn"));
        assert!(message("listen = \"here\"").contains("`listen` must be"));
        assert!(message("public_url = \"ftp://x\"").contains("`public_url`"));
        assert!(message("trusted_proxies = [\"x\"]").contains("`trusted_proxies`"));
        assert!(message("allow_networks = [\"x\"]").contains("allow"));
        assert!(message("log_format = \"xml\"").contains("`log_format`"));
        assert!(message("metrics = \"all\"").contains("`metrics`"));
        assert!(message("allowed_hosts = [\"http://x\"]").contains("`allowed_hosts`"));
        assert!(message("audit_days = 0").contains("`audit_days`"));
        assert!(message("log = \"jackfield=nothing\"").contains("`log`"));
    }
}

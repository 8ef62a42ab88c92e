//! The configuration. One precedence: flags, then environment (`JACKFIELD_*`), then the file, then defaults.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use ipnet::IpNet;
use jackfield_store::KeySource;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{
    args::{Global, ServeArgs},
    keys, references, vault,
};

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
    key: Option<String>,
    secrets_dir: Option<PathBuf>,
    secrets_env_prefix: Option<String>,
    vault_address: Option<String>,
    vault_token_file: Option<PathBuf>,
    vault_namespace: Option<String>,
    vault_secrets: Option<String>,
    allowed_hosts: Option<Vec<String>>,
    audit_days: Option<u32>,
    check_interval: Option<String>,
    auto_disable: Option<String>,
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
    pub(crate) keeping: Keeping,
    /// Host names by which the gateway may be called beside its own.
    pub(crate) allowed_hosts: Vec<String>,
    /// How far back the audit log reaches.
    pub(crate) audit_kept: std::time::Duration,
    /// Zero: never.
    pub(crate) check_interval: Duration,
    pub(crate) auto_disable: bool,
    pub(crate) lines: Vec<Line>,
}

/// Where the master key and the secrets that references name are kept.
pub(crate) struct Keeping {
    pub(crate) key: KeySource,
    pub(crate) secrets_dir: Option<PathBuf>,
    pub(crate) secrets_env_prefix: String,
    pub(crate) vault_address: Option<String>,
    pub(crate) vault_token_file: Option<PathBuf>,
    pub(crate) vault_namespace: Option<String>,
    pub(crate) vault_secrets: Option<String>,
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
const VARIABLES: [&str; 25] = [
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
    "JACKFIELD_CHECK_INTERVAL",
    "JACKFIELD_AUTO_DISABLE",
    "JACKFIELD_CONTRACT_FILTER_MUST_MATCH",
    "JACKFIELD_KEY",
    "JACKFIELD_SECRETS_DIR",
    "JACKFIELD_SECRETS_ENV_PREFIX",
    "JACKFIELD_VAULT_ADDRESS",
    "JACKFIELD_VAULT_TOKEN_FILE",
    "JACKFIELD_VAULT_NAMESPACE",
    "JACKFIELD_VAULT_SECRETS",
    keys::MASTER_KEY,
    keys::PREVIOUS_KEY,
    vault::TOKEN,
];

/// What begins the names of variables that hold secrets for references.
const SECRET_VARIABLES: &str = "JACKFIELD_SECRET_";
/// Those of params begin so, see [`references::variables`].
const OF_PARAMS: &str = "JACKFIELD_SET_";

fn check_variables(names: impl Iterator<Item = String>) -> Result<()> {
    for name in names
        .filter(|n| n.starts_with("JACKFIELD_") && !n.starts_with(SECRET_VARIABLES) && !VARIABLES.contains(&n.as_str()))
    {
        let known: Vec<String> = match name.starts_with(OF_PARAMS) {
            true => references::variables(),
            false => VARIABLES.map(str::to_owned).into(),
        };
        if known.contains(&name) {
            continue;
        }
        let hint = match connector_core::schema::closest(&name, known.iter().map(String::as_str)) {
            Some(near) => format!("did you mean {near}?"),
            None if name.starts_with(OF_PARAMS) => "params are named as in `jackfield connectors show`".to_owned(),
            None => format!("known are {}", known.join(", ")),
        };
        bail!("the environment variable {name} is not known; {hint}")
    }
    Ok(())
}

/// Everything, checked.
pub(crate) fn load(global: &Global, args: &ServeArgs) -> Result<Settings> {
    check_variables(std::env::vars_os().filter_map(|(n, _)| n.into_string().ok()))?;
    let mut file = read(global)?;
    let (mut lines, mut more) = (Vec::new(), Vec::new());
    let keeping = keeping(&mut more, args, &mut file)?;
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
    let checks =
        pick(l, "check_interval", args.check_interval.clone(), file.check_interval, "1h".into(), String::clone);
    let disable = pick(l, "auto_disable", args.auto_disable.clone(), file.auto_disable, "on".into(), String::clone);

    l.append(&mut more);

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
    let check_interval = check_interval(&checks)?;
    let auto_disable = match disable.as_str() {
        "on" => true,
        "off" => false,
        other => bail!("`auto_disable` must be on or off, not `{other}`"),
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
        keeping,
        allowed_hosts,
        audit_kept: std::time::Duration::from_secs(u64::from(audit_days) * 86_400),
        check_interval,
        auto_disable,
        lines,
    })
}

fn keeping(l: &mut Vec<Line>, args: &ServeArgs, file: &mut File) -> Result<Keeping> {
    let args = &args.keeping;
    let mut text = |key, flag: &Option<String>, file: &mut Option<String>| {
        let show = |t: &Option<String>| t.clone().unwrap_or_default();
        pick(l, key, flag.clone().map(Some), file.take().map(Some), None, show).filter(|t| !t.is_empty())
    };
    let key = text("key", &args.key, &mut file.key).unwrap_or_else(|| "file".to_owned());
    let vault_address = text("vault_address", &args.vault_address, &mut file.vault_address);
    let vault_namespace = text("vault_namespace", &args.vault_namespace, &mut file.vault_namespace);
    let vault_secrets = text("vault_secrets", &args.vault_secrets, &mut file.vault_secrets);
    let prefix = text("secrets_env_prefix", &args.secrets_env_prefix, &mut file.secrets_env_prefix);
    let prefix = prefix.unwrap_or_else(|| SECRET_VARIABLES.to_owned());
    let mut path = |key, flag: &Option<PathBuf>, file: &mut Option<PathBuf>| {
        let show = |p: &Option<PathBuf>| p.as_ref().map(|p| p.display().to_string()).unwrap_or_default();
        pick(l, key, flag.clone().map(Some), file.take().map(Some), None, show)
    };
    let secrets_dir = path("secrets_dir", &args.secrets_dir, &mut file.secrets_dir);
    let vault_token_file = path("vault_token_file", &args.vault_token_file, &mut file.vault_token_file);

    let key = key.parse().map_err(|wrong| anyhow::anyhow!("`key` {wrong}, not `{key}`"))?;
    if prefix.len() < 3 {
        bail!("`secrets_env_prefix` must have at least three characters: what begins with it, references may read");
    }
    if let Some(address) = &vault_address {
        let url = connector_core::request::parse_url(address);
        let url = url.map_err(|e| anyhow::anyhow!("`vault_address`: {}", e.caller_text()))?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            bail!("`vault_address` must be scheme, host and port, such as https://vault.example.com:8200");
        }
    }
    if vault_address.is_none() && (matches!(key, KeySource::Managed(_)) || vault_secrets.is_some()) {
        bail!("`vault_address` must be set for `key` or `vault_secrets` to mean something");
    }
    if vault_secrets.as_deref().is_some_and(|p| p.trim_matches('/').is_empty()) {
        bail!("`vault_secrets` must name a mount and a path in it, such as secret/jackfield");
    }
    Ok(Keeping {
        key,
        secrets_dir,
        secrets_env_prefix: prefix,
        vault_address: vault_address.map(|a| a.trim_end_matches('/').to_owned()),
        vault_token_file,
        vault_namespace,
        vault_secrets,
    })
}

/// Checks are calls to services: not more often than once a minute.
fn check_interval(text: &str) -> Result<Duration> {
    let span = if text == "0" { Ok(SignedDuration::ZERO) } else { text.parse::<SignedDuration>() };
    match span.ok().and_then(|d| Duration::try_from(d).ok()) {
        Some(d) if d.is_zero() || d >= Duration::from_secs(60) => Ok(d),
        _ => bail!(
            "`check_interval` must be a duration of a minute or more such as 1h or 15m, or 0 for never, not `{text}`"
        ),
    }
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
        assert_eq!((s.check_interval, s.auto_disable), (Duration::from_secs(3600), true));
        let source = |k: &str| s.lines.iter().find(|l| l.key == k).unwrap().source;
        assert_eq!(
            [source("listen"), source("public_url"), source("log")],
            [Source::FlagOrEnvironment, Source::File, Source::Default]
        );
    }

    #[test]
    fn a_misspelt_variable_is_an_error() {
        let names = |list: &[&str]| check_variables(list.iter().map(|n| (*n).to_owned()));
        assert!(names(&["JACKFIELD_LISTEN", "PATH", "JACKFIELDS", "JACKFIELD_SECRET_X"]).is_ok());
        assert!(names(&["JACKFIELD_LISEN"]).unwrap_err().to_string().contains("did you mean JACKFIELD_LISTEN?"));
        assert!(names(&["JACKFIELD_SET_GITHUB_TOKEN", "JACKFIELD_SET_SLACK_SIGNING_SECRET"]).is_ok());
        let e = names(&["JACKFIELD_SET_GITHUB_TOKN"]).unwrap_err().to_string();
        assert!(e.contains("did you mean JACKFIELD_SET_GITHUB_TOKEN?"), "{e}");
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
        assert!(message("check_interval = \"5s\"").contains("`check_interval`"));
        assert!(message("auto_disable = \"no\"").contains("`auto_disable`"));
        assert!(message("log = \"jackfield=nothing\"").contains("`log`"));
        assert!(message("key = \"here\"").contains("`key` must be"));
        assert!(message("key = \"vault:transit/k\"").contains("`vault_address`"));
        assert!(message("vault_address = \"vault.example\"").contains("`vault_address`"));
        assert!(message("vault_address = \"https://v/x\"").contains("`vault_address`"));
        assert!(message("secrets_env_prefix = \"J\"").contains("`secrets_env_prefix`"));
    }
}

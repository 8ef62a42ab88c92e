//! `jackfield serve`: opens the state, starts the engine, listens, and ends gracefully.

use std::{
    io::IsTerminal as _,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use connector_core::{Registry, Transport, signal::SignalSink};
use connector_http::{Budgets, HttpTransport, Observed, RetryPolicy, SystemClock};
use jackfield_engine::{Engine, Observer, Options, Resources, health::Disabling};
use jackfield_server::{ApiToken, Config, Limits};
use jackfield_store::{SharedStore, SqliteStore, StoreError};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    args::{Global, ServeArgs},
    config::{self, Settings},
    demo, keys, metrics, output, references, state,
};

/// The connectors, whose calls are repeated as far as their idempotency allows.
pub(crate) fn registry() -> Registry {
    connectors::registry().layered(RetryPolicy::default().layer())
}

/// The transport, with the internal networks that were allowed explicitly.
pub(crate) fn transport(allow: &[String]) -> Result<HttpTransport> {
    let mut builder = HttpTransport::builder();
    for entry in allow {
        builder = builder.allow(entry);
    }
    builder.build().map_err(|e| anyhow::anyhow!("`allow_networks`: {}", e.caller_text()))
}

/// The way out of the engine: the transport with its layers, innermost first. What it hears of services goes to `signals`.
pub(crate) fn way_out(allow: &[String], signals: Arc<dyn SignalSink>) -> Result<Arc<dyn Transport>> {
    let observed = Observed::new(transport(allow)?).signals(signals);
    Ok(connector_http::layered(observed, Arc::new(Budgets::new()), Arc::new(SystemClock)))
}

fn start_logging(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    // Logs go to standard error, so that standard output stays for what the command has to say.
    let started = if settings.log_json {
        registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init()
    } else {
        registry
            .with(
                fmt::layer().with_target(false).with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr),
            )
            .try_init()
    };
    if let Err(e) = started {
        output::line(&format!("logging could not be started: {e}"));
    }
}

pub(crate) async fn run(global: &Global, args: ServeArgs) -> Result<ExitCode> {
    let began = Instant::now();
    let mut settings = config::load(global, &args)?;
    let demo = if args.demo {
        let demo = demo::Demo::start(&mut settings, global.state_dir.is_none()).await?;
        Some(demo)
    } else {
        None
    };
    start_logging(&settings);
    // Before anything is held that a signal must let go of in order.
    let mut signals = Signals::new()?;
    let store = open_store_patiently(&settings).await?;
    state::forget_announcement(&settings.state_dir);
    let token = state::token(&settings.state_dir)?;
    let listener = bind(&settings, demo.is_some()).await?;
    let address = listener.local_addr()?;
    let local_url = format!("http://{address}");
    let observer: Option<Observer> = demo.as_ref().map(demo::Demo::observer);
    // Before the way out is made, which describes its metrics.
    let metrics = metrics::start(settings.metrics)?;
    let public_url = settings.public_url.clone().unwrap_or_else(|| local_url.clone());
    let options = Options {
        references: keys::references(&settings)?,
        public_url: public_url.clone(),
        audit_kept: settings.audit_kept,
        check_interval: settings.check_interval,
        disabling: if settings.auto_disable { Disabling::default() } else { Disabling::off() },
        ..Options::default()
    };
    let engine = Engine::observed(
        registry(),
        store.clone(),
        way_out(&settings.allow_networks, options.signals.clone())?,
        Arc::new(SystemClock),
        options,
        observer,
    );
    engine.resume_rotation();
    let interrupted = engine.recover().await?;
    if interrupted > 0 {
        tracing::warn!(
            runs = interrupted,
            "runs were under way when the gateway last stopped; they were settled by their idempotency"
        );
    }
    if let Some(file) = &settings.apply {
        let done = engine.apply(read_resources(file)?).await.map_err(|e| anyhow::anyhow!("{}: {e}", file.display()))?;
        tracing::info!(file = %file.display(), resources = done.changes.len(), "applied");
    }
    if let Some(d) = &demo {
        d.install(&engine).await?;
    }

    let (stop_tx, stop) = watch::channel(false);
    let (dispatch_tx, dispatch_stop) = watch::channel(false);
    let config = Config {
        public_url: public_url.clone(),
        trusted_proxies: settings.trusted_proxies.clone(),
        metrics,
        listen: Some(address),
        allowed_hosts: settings.allowed_hosts.clone(),
    };
    let router = jackfield_server::router(engine.clone(), config, ApiToken::new(&token), stop.clone());
    let mut dispatcher = tokio::spawn({
        let engine = engine.clone();
        async move { engine.dispatch(dispatch_stop).await }
    });
    tokio::spawn({
        let (engine, stop) = (engine.clone(), stop.clone());
        async move { engine.keep_audit(stop).await }
    });
    let mut server = tokio::spawn(jackfield_server::serve(listener, router, Limits::default(), stop.clone()));
    let announced = state::Announcement::new(&settings.state_dir, &local_url)?;
    tracing::info!(%local_url, %public_url, state_dir = %settings.state_dir.display(), started_in_ms = began.elapsed().as_millis() as u64, "the gateway is ready");
    if engine.has_nobody().await? {
        announce_setup(&engine, &public_url).await?;
    }
    if let Some(d) = &demo {
        d.play(&local_url, &settings).await?;
    }

    // A gateway that takes webhooks in and does nothing with them is worse than one that is gone and started again.
    let died = tokio::select! {
        () = signals.next() => None,
        r = &mut dispatcher => Some(match r {
            Ok(Err(e)) => format!("dispatch ended: {e}"),
            _ => "dispatch ended, which is a bug".to_owned(),
        }),
        _ = &mut server => Some("serving ended, which is a bug".to_owned()),
    };
    if let Some(why) = died {
        drop(announced);
        anyhow::bail!("{why}; start the gateway again");
    }
    tracing::info!("stopping: no new requests, those under way are finished; a second signal stops at once");
    // Unready and no new requests, then what is under way, then the runs, then the store.
    stop_tx.send_replace(true);
    let graceful = async {
        let drained = server.await.unwrap_or(false);
        dispatch_tx.send_replace(true);
        if tokio::time::timeout(DRAIN_RUNS, dispatcher).await.is_err() {
            tracing::warn!("runs were still under way; they are settled at the next start");
        }
        drained
    };
    let drained = tokio::select! {
        drained = graceful => drained,
        () = signals.next() => false,
    };
    drop(announced);
    store.close().await?;
    tracing::info!(drained, "stopped");
    drop(demo);
    Ok(ExitCode::SUCCESS)
}

/// Prints where the first administrator is made. Not to the log, which others may read: whoever has the address may use it.
async fn announce_setup(engine: &Engine, public_url: &str) -> Result<()> {
    let code = engine.invite(None).await?;
    output::line(&format!(
        "Nobody can sign in yet. Make the first administrator, within a day, at\n  {public_url}/setup?code={}\n",
        code.code.expose_str().unwrap_or_default()
    ));
    Ok(())
}

/// How long runs under way are waited for at the end: longer than one request of theirs may take.
const DRAIN_RUNS: Duration = Duration::from_secs(60);
/// How long a start waits for a command that works on the directory just now.
const LOCK_PATIENCE: Duration = Duration::from_secs(3);

async fn open_store_patiently(settings: &Settings) -> Result<SharedStore> {
    let began = Instant::now();
    let (dir, sources) = (settings.state_dir.as_path(), keys::sources(settings)?);
    loop {
        match SqliteStore::open_with(dir, sources.clone()).await {
            Err(StoreError::Locked) if began.elapsed() < LOCK_PATIENCE && !is_served(dir) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            other => {
                let store = other.with_context(|| format!("cannot open the state directory {}", dir.display()))?;
                return Ok(Arc::new(store));
            }
        }
    }
}

/// Whether the lock's holder is a gateway that serves: no use to wait for that.
fn is_served(dir: &std::path::Path) -> bool {
    state::running(dir).is_some()
}

async fn bind(settings: &Settings, any_port_will_do: bool) -> Result<TcpListener> {
    match TcpListener::bind(settings.listen).await {
        Err(e) if e.kind() == std::io::ErrorKind::AddrInUse && any_port_will_do && !settings.listen_chosen => {
            Ok(TcpListener::bind((settings.listen.ip(), 0)).await?)
        }
        other => {
            other.with_context(|| format!("cannot listen on {}; choose another address with --listen", settings.listen))
        }
    }
}

/// Reads a declaration of apps, connections and flows, its secret references resolved.
pub(crate) fn read_resources(file: &std::path::Path) -> Result<Resources> {
    let value = read_declaration(file)?;
    serde_json::from_value(value).with_context(|| format!("in {}", file.display()))
}

/// A TOML or JSON file (or `-`) as JSON. References of secret params are resolved, any other is an error.
pub(crate) fn read_declaration(file: &std::path::Path) -> Result<serde_json::Value> {
    let text = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())?
    } else {
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?
    };
    let mut value: serde_json::Value = if text.trim_start().starts_with('{') {
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?
    } else {
        toml::from_str(&text).with_context(|| format!("{} is not TOML", file.display()))?
    };
    references::resolve(&mut value, file.parent().unwrap_or_else(|| std::path::Path::new("")))?;
    Ok(value)
}

/// SIGTERM and Ctrl-C, caught from the start.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

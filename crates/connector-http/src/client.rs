//! The HTTP clients: one for each policy, scheme and port, so that a connection opened under one is never used under another.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use connector_core::{Error, Result};
use http::HeaderValue;
use reqwest::{Client, redirect::Policy as Redirects};
use rustls::{ClientConfig, crypto::CryptoProvider};
use rustls_platform_verifier::Verifier;

use crate::{
    guard::Policy,
    head::{MAX_HEADER_BYTES, MAX_HEADERS},
    resolve::{Guarded, Resolver},
};

/// An unused connection is kept this long. It stays at the address that was judged, so this bounds a stale answer too.
const KEEP: Duration = Duration::from_secs(60);
/// Every set of networks and every port has a client; beyond this many, the one that was used longest ago goes.
const MAX_CLIENTS: usize = 64;

/// What all clients of a transport have in common.
pub(crate) struct Settings {
    pub(crate) resolver: Arc<dyn Resolver>,
    /// Shared by all; an error is kept for the calls that need TLS.
    pub(crate) tls: Result<ClientConfig>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) connect_timeout: Duration,
    pub(crate) local_address: Option<IpAddr>,
}

/// What a resolver needs to know to judge, and is not told by the client that asks it.
type Key = (Arc<Policy>, bool, u16);

/// The clients made so far.
pub(crate) struct Clients {
    settings: Settings,
    made: Mutex<Made>,
}

#[derive(Default)]
struct Made {
    /// With the time of the last use, counted in uses.
    clients: HashMap<Key, (Client, u64)>,
    uses: u64,
}

impl Clients {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, made: Mutex::default() }
    }

    /// The client for this policy, scheme and port.
    pub(crate) fn get(&self, policy: Arc<Policy>, https: bool, port: u16) -> Result<Client> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.uses += 1;
        let now = made.uses;
        let key = (policy, https, port);
        if let Some((client, used)) = made.clients.get_mut(&key) {
            *used = now;
            return Ok(client.clone());
        }
        let client = self.make(&key)?;
        if made.clients.len() >= MAX_CLIENTS {
            let oldest = made.clients.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| key.clone());
            oldest.and_then(|key| made.clients.remove(&key));
        }
        made.clients.insert(key, (client.clone(), now));
        Ok(client)
    }

    fn make(&self, (policy, https, port): &Key) -> Result<Client> {
        let s = &self.settings;
        let resolver = Guarded { inner: s.resolver.clone(), policy: policy.clone(), port: *port, https: *https };
        let tls = if *https { s.tls.clone()? } else { no_roots()? };
        Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(resolver))
            .redirect(Redirects::none())
            .retry(reqwest::retry::never())
            // Neither from the environment nor from the system: a proxy would connect to where nobody judged.
            .no_proxy()
            .referer(false)
            .user_agent(s.user_agent.clone())
            .connect_timeout(s.connect_timeout)
            .local_address(s.local_address)
            .pool_idle_timeout(KEEP)
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_BYTES as u32)
            .https_only(*https)
            .build()
            .map_err(|e| Error::internal(format!("the HTTP client cannot be built: {}", e.without_url())))
    }
}

/// TLS by rustls with ring, against the system's trusted certificates. The configuration is shared by all clients.
pub(crate) fn tls(extra_roots: Vec<Vec<u8>>) -> Result<ClientConfig> {
    // Reading the system's certificates takes longer than a call, and they are the same for all transports of a process.
    static SYSTEM: OnceLock<Result<ClientConfig>> = OnceLock::new();
    match extra_roots.is_empty() {
        true => SYSTEM.get_or_init(|| trusting(Vec::new())).clone(),
        false => trusting(extra_roots),
    }
}

fn trusting(extra_roots: Vec<Vec<u8>>) -> Result<ClientConfig> {
    let unusable = |e: rustls::Error| {
        Error::misconfigured(format!(
            "TLS cannot be set up: {e}; the system needs trusted certificates (the package ca-certificates)"
        ))
    };
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    let roots = extra_roots.into_iter().map(Into::into);
    let verifier = Verifier::new_with_extra_roots(roots, provider.clone()).map_err(unusable)?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// TLS that trusts nobody: a client wants a configuration even if it never speaks TLS.
fn no_roots() -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|e| Error::internal(format!("TLS cannot be set up: {e}")))?;
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

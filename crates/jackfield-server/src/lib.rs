//! How the world reaches the gateway: webhooks, REST, the OpenAPI document.

//! What happens: inbox, flows, runs. A library an application can embed.

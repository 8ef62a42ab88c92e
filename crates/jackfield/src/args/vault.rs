//! Named secrets, files, the master key, copies.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Where the master key is, and what references to secrets may name.
#[derive(Args, Clone, Default)]
pub(crate) struct KeepingArgs {
    /// Where the master key is kept: file (`key` in the state directory), file:PATH, env (JACKFIELD_MASTER_KEY) or
    /// vault:MOUNT/NAME [default: file]
    #[arg(long, env = "JACKFIELD_KEY", value_name = "SOURCE")]
    pub(crate) key: Option<String>,
    /// The directory below which `secret://file/PATH` may read [default: none]
    #[arg(long, env = "JACKFIELD_SECRETS_DIR", value_name = "DIR")]
    pub(crate) secrets_dir: Option<PathBuf>,
    /// What begins the variables that `secret://env/NAME` may read [default: JACKFIELD_SECRET_]
    #[arg(long, env = "JACKFIELD_SECRETS_ENV_PREFIX", value_name = "PREFIX")]
    pub(crate) secrets_env_prefix: Option<String>,
    /// HashiCorp Vault's address, such as `https://vault.example.com:8200`; an internal one must be allowed as well
    #[arg(long, env = "JACKFIELD_VAULT_ADDRESS", value_name = "URL")]
    pub(crate) vault_address: Option<String>,
    /// The file of Vault's token, read anew each time [default: the variable JACKFIELD_VAULT_TOKEN]
    #[arg(long, env = "JACKFIELD_VAULT_TOKEN_FILE", value_name = "FILE")]
    pub(crate) vault_token_file: Option<PathBuf>,
    /// Vault's namespace [default: none]
    #[arg(long, env = "JACKFIELD_VAULT_NAMESPACE", value_name = "NAME")]
    pub(crate) vault_namespace: Option<String>,
    /// The mount and path below which `secret://vault/MOUNT/PATH#FIELD` may read, such as secret/jackfield [default: none]
    #[arg(long, env = "JACKFIELD_VAULT_SECRETS", value_name = "MOUNT/PATH")]
    pub(crate) vault_secrets: Option<String>,
}

#[derive(Subcommand)]
pub(crate) enum SecretsCommand {
    /// List the named secrets, and which params refer to them
    List,
    /// Set one: the value is asked for, or read from standard input
    #[command(
        after_help = "Params refer to it as secret://NAME and use a new value from their next call on.\n\nExamples:\n  jackfield secrets put github-token\n  pass show github | jackfield secrets put github-token\n  jackfield connections put my-hook --connector github --set token=secret://github-token"
    )]
    Put {
        /// Its name: a-z, 0-9, - and _
        name: String,
    },
    /// Remove one that nothing refers to
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum FilesCommand {
    /// List the kept files, newest first
    List,
    /// Keep a file of at most 10 MiB; prints its handle
    #[command(
        after_help = "Examples:\n  jackfield files put report.pdf --type application/pdf\n  jackfield files put app.private-key.pem --encrypted"
    )]
    Put {
        /// The file; `-` is standard input
        file: PathBuf,
        /// What it is called [default: the file's name]
        #[arg(long)]
        name: Option<String>,
        /// Its media type
        #[arg(long = "type", value_name = "TYPE", default_value = "application/octet-stream")]
        media_type: String,
        /// It is a secret: for params, and never shown again
        #[arg(long)]
        encrypted: bool,
        /// The connection that it is removed with
        #[arg(long)]
        connection: Option<String>,
    },
    /// Write a file's content to standard output, unless it is encrypted
    #[command(after_help = "Example:\n  jackfield files get file_019ab3c2d4e57f6089abcdef01234567 > report.pdf")]
    Get {
        /// The file's handle
        id: String,
    },
    /// Remove a file that no param refers to
    Remove {
        /// The file's handle
        id: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Show which key is in use, and how far its change is
    Status,
    /// Replace the master key while the gateway works
    #[command(
        after_help = "A new key is made where the current one is, or at --to; secrets follow in the background, and the old key is\ndropped when none is left. Killed at any moment, the gateway goes on where it was. Copies that were taken before\nneed the old key: save it first if they are to stay of use.\n\nExamples:\n  jackfield keys rotate\n  jackfield keys rotate --to vault:transit/jackfield\n  jackfield keys rotate --to file:/etc/jackfield/key"
    )]
    Rotate {
        /// Where the new key is kept: file, file:PATH, env or vault:MOUNT/NAME [default: where the current one is]
        #[arg(long, value_name = "SOURCE")]
        to: Option<String>,
        /// Return at once and let the running gateway do it
        #[arg(long)]
        no_wait: bool,
    },
}

#[derive(Args, Clone)]
pub(crate) struct BackupArgs {
    /// The file to write
    pub(crate) file: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Args, Clone)]
pub(crate) struct RestoreArgs {
    /// The copy
    pub(crate) file: PathBuf,
    /// Replace the database that is there
    #[arg(long)]
    pub(crate) force: bool,
}

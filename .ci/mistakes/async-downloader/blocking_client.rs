//! A blocking client: while it waits, nobody else gets on.
//!
//! Expect: is each download awaited before the next is started

use futures_util::future::join_all;
use shared::{Downloads, Outcomes, Result, Workers, println};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Instant;
use tokio::sync::Semaphore;

const ABOUT: &str = "A mistake, to try the grader with.";
const WORKERS: Workers = Workers::Default(100);

fn fetch_page(url: &str) -> Result<usize> {
    let (place, path) = url
        .trim_start_matches("http://")
        .split_once('/')
        .unwrap_or((url, ""));
    let mut stream = TcpStream::connect(place)?;
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nhost: {place}\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let size = answer.len() - head.map_or(0, |at| at + 4);
    println!("Fetched {size} bytes from {url}");
    Ok(size)
}

async fn fetch_all(downloads: &Downloads) -> Result<Outcomes> {
    let permits = Semaphore::new(downloads.workers);
    let fetch = async |url: &String| {
        let _permit = permits.acquire().await?;
        fetch_page(url)
    };
    Ok(join_all(downloads.urls.iter().map(fetch)).await)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let downloads = Downloads::from_command_line(ABOUT, WORKERS)?;
    let start = Instant::now();
    let outcomes = fetch_all(&downloads).await?;
    Ok(downloads.report(&outcomes, start.elapsed()))
}

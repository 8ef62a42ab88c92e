//! A `multipart/form-data` body that holds one file (RFC 7578): what uploads need.
//!
//! What lives here: the bytes, and what keeps a file's name from becoming a header. What must not: requests.

use std::collections::BTreeSet;

/// What every boundary begins with; `DIGITS` digits follow.
const PREFIX: &[u8] = b"jackfield-part-";
/// More numbers than a body that fits into memory can hold boundaries.
const DIGITS: usize = 10;

/// A file on its way.
pub(crate) struct FilePart<'a> {
    /// The name of the form's field.
    pub field: &'static str,
    /// The file's name. Whatever it holds, it stays one parameter of one header.
    pub filename: &'a str,
    /// Its media type.
    pub content_type: &'a str,
    /// Its content.
    pub data: &'a [u8],
}

impl FilePart<'_> {
    /// The request's content type and body. The same file gives the same bytes.
    pub(crate) fn encode(&self) -> (String, Vec<u8>) {
        let head = format!(
            "Content-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            self.field,
            escaped(self.filename),
            visible(self.content_type),
        );
        let boundary = free_boundary([head.as_bytes(), self.data]);
        let mut body = Vec::with_capacity(self.data.len() + head.len() + 2 * boundary.len() + 10);
        body.extend_from_slice(format!("--{boundary}\r\n{head}").as_bytes());
        body.extend_from_slice(self.data);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body)
    }
}

/// The first boundary that occurs nowhere in what it separates. One pass finds the numbers that are taken, so that a
/// file full of boundaries costs no more than another.
fn free_boundary(contents: [&[u8]; 2]) -> String {
    let taken: BTreeSet<u64> =
        contents.iter().flat_map(|c| c.windows(PREFIX.len() + DIGITS)).filter_map(number).collect();
    // Ascending, so that the first gap is the smallest number that is free.
    let free = taken.iter().zip(0..).find(|(taken, n)| *taken != n).map_or(taken.len() as u64, |(_, n)| n);
    format!("{}{free:0DIGITS$}", String::from_utf8_lossy(PREFIX))
}

fn number(window: &[u8]) -> Option<u64> {
    let digits = window.strip_prefix(PREFIX)?;
    digits.iter().all(u8::is_ascii_digit).then(|| std::str::from_utf8(digits).ok()?.parse().ok())?
}

/// A file's name as browsers write it into the header: UTF-8 as it is, quotation marks and control characters as `%22`.
fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '"' => out.push_str("%22"),
            c if c.is_control() => c.encode_utf8(&mut [0; 4]).bytes().for_each(|b| out.push_str(&format!("%{b:02X}"))),
            c => out.push(c),
        }
    }
    out
}

/// A media type is visible ASCII; anything else in it could only do harm.
fn visible(text: &str) -> String {
    text.chars().filter(|c| matches!(c, ' '..='~')).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn encode(filename: &str, data: &[u8]) -> (String, Vec<u8>) {
        FilePart { field: "file", filename, content_type: "text/plain", data }.encode()
    }

    #[test]
    fn one_part_with_its_head() {
        let (content_type, body) = encode("Übersicht 1.txt", b"a\r\nb");
        assert_eq!(content_type, "multipart/form-data; boundary=jackfield-part-0000000000");
        assert_eq!(
            String::from_utf8(body).unwrap(),
            "--jackfield-part-0000000000\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"Übersicht 1.txt\"\r\n\
             Content-Type: text/plain\r\n\r\n\
             a\r\nb\r\n--jackfield-part-0000000000--\r\n"
        );
    }

    #[test]
    fn the_boundary_is_in_nothing_that_it_separates() {
        let boundary = |name: &str, data: &[u8]| {
            let (content_type, body) = encode(name, data);
            let boundary = content_type.rsplit('=').next().unwrap().to_owned();
            let found = body.windows(boundary.len()).filter(|w| *w == boundary.as_bytes()).count();
            assert_eq!(found, 2, "at the beginning and at the end");
            boundary
        };
        let b = |n: u32| format!("jackfield-part-{n:010}");
        let holds = |ns: &[u32]| ns.iter().map(|n| format!("\r\n--{}--\r\n", b(*n))).collect::<String>();
        assert_eq!(boundary("a", b""), b(0));
        assert_eq!(boundary("a", holds(&[0, 1, 3]).as_bytes()), b(2));
        assert_eq!(boundary("a", holds(&[2, 1, 0, 0]).as_bytes()), b(3));
        assert_eq!(boundary("a", holds(&[1, 4_000_000_000]).as_bytes()), b(0));
        assert_eq!(boundary(&b(0), holds(&[1]).as_bytes()), b(2));
        assert_eq!(boundary("a", b"jackfield-part-00000jackfield-part-0000000000"), b(1));
    }

    #[test]
    fn a_name_never_makes_a_header() {
        let evil = "a\"; name=\"x\r\nX-Evil: 1\r\n\r\nbody\u{0}\u{85}.txt";
        let (_, body) =
            FilePart { field: "file", filename: evil, content_type: "text/plain\r\nX-Evil: 2", data: b"" }.encode();
        let text = String::from_utf8(body).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        let lines: Vec<&str> = head.split("\r\n").collect();
        assert_eq!(
            lines[1..],
            [
                "Content-Disposition: form-data; name=\"file\"; \
                 filename=\"a%22; name=%22x%0D%0AX-Evil: 1%0D%0A%0D%0Abody%00%C2%85.txt\"",
                "Content-Type: text/plainX-Evil: 2",
            ]
        );
    }
}

//! The body of an answer: decompressed as it comes, and never further than the caps.
//!
//! Done here and not by the client, because a cap on what comes out must be seen while it comes out, and because a ratio
//! needs both sides.

use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use flate2::write::MultiGzDecoder;
use http::{HeaderMap, header};

/// Output up to here may come of any input: small answers compress well.
const FREE: usize = 1 << 20;
/// Beyond, at most so many bytes may come of one.
const MOST_RATIO: usize = 100;
/// Compressed bytes taken at once, so that the ratio is looked at often.
const PIECE: usize = 4 << 10;

/// Why a body is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyFault {
    /// More bytes than the call allows.
    TooLarge,
    /// It swells too much.
    Ratio,
    /// Compressed in a way that was not asked for.
    Encoding,
    /// No gzip, damaged, or cut short.
    Garbled,
}

/// Takes the body in, piece by piece.
pub(crate) enum Decoder {
    /// As it comes.
    Plain(Sink),
    /// gzip, of one member or several.
    Gzip(Box<MultiGzDecoder<Sink>>),
    /// Some other encoding: fine as long as there is no body.
    Unknown,
}

impl Decoder {
    /// The decoder that the answer's `Content-Encoding` asks for, for at most `cap` bytes.
    pub(crate) fn of(headers: &HeaderMap, cap: usize) -> Self {
        let sink = Sink { out: BytesMut::new(), cap, fed: 0, fault: None };
        let mut gzip = false;
        for value in headers.get_all(header::CONTENT_ENCODING) {
            for token in value.as_bytes().split(|b| *b == b',').map(<[u8]>::trim_ascii) {
                let is = |name: &str| token.eq_ignore_ascii_case(name.as_bytes());
                if token.is_empty() || is("identity") {
                    continue;
                }
                // Twice is not what was asked for, and only serves to swell.
                if gzip || !(is("gzip") || is("x-gzip")) {
                    return Self::Unknown;
                }
                gzip = true;
            }
        }
        if gzip { Self::Gzip(Box::new(MultiGzDecoder::new(sink))) } else { Self::Plain(sink) }
    }

    /// Takes a piece.
    pub(crate) fn feed(&mut self, chunk: &[u8]) -> Result<(), BodyFault> {
        match self {
            Self::Unknown if chunk.is_empty() => Ok(()),
            Self::Unknown => Err(BodyFault::Encoding),
            Self::Plain(sink) => sink.write_all(chunk).map_err(|_| BodyFault::TooLarge),
            Self::Gzip(decoder) => chunk.chunks(PIECE).try_for_each(|piece| {
                decoder.get_mut().fed += piece.len();
                decoder.write_all(piece).map_err(|_| decoder.get_ref().fault.unwrap_or(BodyFault::Garbled))
            }),
        }
    }

    /// The whole body. The headers lose what is true no more of it.
    pub(crate) fn end(self, headers: &mut HeaderMap) -> Result<Bytes, BodyFault> {
        let sink = match self {
            Self::Unknown => return Ok(Bytes::new()),
            Self::Plain(sink) => sink,
            // Answers without a body (to HEAD, 204, 304) name the encoding that one would have.
            Self::Gzip(decoder) if decoder.get_ref().fed == 0 => return Ok(Bytes::new()),
            Self::Gzip(mut decoder) => {
                let finished = decoder.try_finish();
                let sink = decoder.get_mut();
                finished.map_err(|_| sink.fault.unwrap_or(BodyFault::Garbled))?;
                headers.remove(header::CONTENT_ENCODING);
                headers.remove(header::CONTENT_LENGTH);
                return Ok(std::mem::take(&mut sink.out).freeze());
            }
        };
        Ok(sink.out.freeze())
    }
}

/// What came out, up to the caps.
pub(crate) struct Sink {
    out: BytesMut,
    cap: usize,
    /// Compressed bytes that went in.
    fed: usize,
    /// Why it took no more.
    fault: Option<BodyFault>,
}

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let total = self.out.len().saturating_add(data.len());
        self.fault = if total > self.cap {
            Some(BodyFault::TooLarge)
        } else if self.fed > 0 && total > FREE && total > self.fed.saturating_mul(MOST_RATIO) {
            Some(BodyFault::Ratio)
        } else {
            self.out.extend_from_slice(data);
            return Ok(data.len());
        };
        Err(io::Error::other("the body is beyond its caps"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use flate2::{Compression, write::GzEncoder};
    use http::HeaderValue;

    use super::*;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn headers(encodings: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(header::CONTENT_LENGTH, HeaderValue::from_static("7"))]);
        for e in encodings {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(e));
        }
        headers
    }

    /// Through the decoder in pieces of this size.
    fn through(encodings: &[&'static str], data: &[u8], cap: usize, piece: usize) -> Result<Bytes, BodyFault> {
        let mut headers = headers(encodings);
        let mut decoder = Decoder::of(&headers, cap);
        data.chunks(piece).try_for_each(|c| decoder.feed(c))?;
        decoder.end(&mut headers)
    }

    #[test]
    fn bodies_come_out_whole_however_they_are_cut() {
        let text = b"hello, body".repeat(1000);
        let mut members = gzip(b"first ");
        members.extend(gzip(b""));
        members.extend(gzip(b"second"));
        for piece in [1, 7, 4096, 1 << 20] {
            let go = |encodings: &[&'static str], data: &[u8]| through(encodings, data, 1 << 20, piece).unwrap();
            assert_eq!(go(&[], &text), text);
            assert_eq!(go(&["identity"], &text), text);
            assert_eq!(go(&["gzip"], &gzip(&text)), text);
            assert_eq!(go(&["identity, X-GZIP"], &gzip(&text)), text);
            assert_eq!(go(&["GZip", "identity", ""], &gzip(&text)), text);
            assert_eq!(go(&["gzip"], &members), &b"first second"[..]);
            assert_eq!(go(&["gzip"], &gzip(b"")), &b""[..]);
            // No body has no encoding.
            for encoding in ["gzip", "br", "gzip, gzip"] {
                assert_eq!(go(&[encoding], b""), &b""[..]);
            }
        }
        let mut left = headers(&["gzip"]);
        let mut decoder = Decoder::of(&left, 100);
        decoder.feed(&gzip(b"x")).unwrap();
        decoder.end(&mut left).unwrap();
        assert!(left.is_empty(), "neither the length nor the encoding is true of the opened body");
    }

    #[test]
    fn damage_is_seen_wherever_it_is() {
        let whole = gzip(&b"some text that is long enough ".repeat(50));
        for cut in 1..whole.len() {
            assert_eq!(through(&["gzip"], &whole[..cut], 1 << 20, 64), Err(BodyFault::Garbled), "cut at {cut}");
        }
        for at in [0, 1, 2, 12, whole.len() - 8, whole.len() - 1] {
            let mut broken = whole.clone();
            broken[at] ^= 0xff;
            assert_eq!(through(&["gzip"], &broken, 1 << 20, 64), Err(BodyFault::Garbled), "broken at {at}");
        }
        let mut trailing = whole.clone();
        trailing.extend(b"and something after it");
        for bad in [&b"no gzip at all"[..], b"\x1f", b"{}", &trailing] {
            assert_eq!(through(&["gzip"], bad, 1 << 20, 64), Err(BodyFault::Garbled));
        }
    }

    #[test]
    fn encodings_that_were_not_asked_for_are_named_so() {
        for encoding in ["br", "deflate", "zstd", "compress", "gzip, gzip", "br, gzip", "gzip;q=1", "\"gzip\""] {
            assert_eq!(through(&[encoding], &gzip(b"x"), 100, 64), Err(BodyFault::Encoding), "{encoding}");
        }
        assert_eq!(through(&["gzip", "gzip"], &gzip(&gzip(b"x")), 100, 64), Err(BodyFault::Encoding));
    }

    #[test]
    fn caps_hold_to_the_byte() {
        for encoding in [&[][..], &["gzip"]] {
            let pack = |n: usize| if encoding.is_empty() { vec![b'x'; n] } else { gzip(&vec![b'x'; n]) };
            assert_eq!(through(encoding, &pack(5000), 5000, 900).unwrap().len(), 5000);
            assert_eq!(through(encoding, &pack(5001), 5000, 900), Err(BodyFault::TooLarge));
            assert_eq!(through(encoding, &pack(0), 0, 900).unwrap().len(), 0);
            assert_eq!(through(encoding, &pack(1), 0, 900), Err(BodyFault::TooLarge));
        }
    }

    #[test]
    fn what_swells_too_much_ends_long_before_the_cap() {
        let free = vec![0; FREE];
        assert_eq!(through(&["gzip"], &gzip(&free), 1 << 30, 4096).unwrap().len(), FREE, "small bodies may");
        let bomb = gzip(&vec![0; 32 << 20]);
        let mut decoder = Decoder::of(&headers(&["gzip"]), 1 << 30);
        let fault = bomb.chunks(1 << 16).try_for_each(|c| decoder.feed(c)).unwrap_err();
        assert_eq!(fault, BodyFault::Ratio);
        let Decoder::Gzip(decoder) = decoder else { panic!("it is gzip") };
        assert!(decoder.get_ref().out.len() <= FREE + (64 << 10), "{} bytes were kept", decoder.get_ref().out.len());
        // What swells by a usual measure is no bomb: noise of sixteen letters comes to half its size.
        let mut state = 1_u32;
        let noise: Vec<u8> = (0..4 << 20)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                b'a' + (state >> 28) as u8
            })
            .collect();
        assert_eq!(through(&["gzip"], &gzip(&noise), 1 << 30, 4096).unwrap(), noise);
    }
}

//! CPU and memory of a task definition as people may write them, and what Fargate has of both.

use serde_json::{Map, Value};

/// Returns CPU units and MiB of memory; 0 where a task definition does not say.
pub(super) fn sizes(members: &Map<String, Value>) -> (u32, u32) {
    let read = |name: &str, unit: &str| members.get(name).and_then(Value::as_str).and_then(|text| plain(text, unit));
    (read("cpu", "vcpu").unwrap_or(0), read("memory", "gb").unwrap_or(0))
}

/// Reads `1024`, or a number of a unit that is 1024 of those: `1 vCPU`, `.5 GB`.
fn plain(text: &str, unit: &str) -> Option<u32> {
    let text = text.trim().to_ascii_lowercase();
    match text.strip_suffix(unit) {
        None => text.parse().ok(),
        Some(number) => {
            let number: f64 = number.trim().parse().ok()?;
            (0.0..100_000.0).contains(&number).then_some((number * 1024.0) as u32)
        }
    }
}

/// Whether Fargate has tasks of this size:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size>.
pub(super) fn is_of_fargate(cpu: u32, memory: u32) -> bool {
    let (least, most, step) = match cpu {
        256 => return [512, 1024, 2048].contains(&memory),
        512 => (1024, 4096, 1024),
        1024 => (2048, 8192, 1024),
        2048 => (4096, 16_384, 1024),
        4096 => (8192, 30_720, 1024),
        8192 => (16_384, 61_440, 4096),
        16_384 => (32_768, 122_880, 8192),
        _ => return false,
    };
    (least..=most).contains(&memory) && memory.is_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sizes_are_read_in_every_spelling() {
        let read = |cpu: &str, memory: &str| sizes(json!({ "cpu": cpu, "memory": memory }).as_object().unwrap());
        assert_eq!(read("256", "512"), (256, 512));
        assert_eq!(read("1 vCPU", "2 GB"), (1024, 2048));
        assert_eq!(read(".25vcpu", "0.5GB"), (256, 512));
        assert_eq!(read("much", ""), (0, 0));
    }

    #[test]
    fn fargate_has_what_awss_table_says() {
        for (cpu, memory) in [(256, 2048), (512, 3072), (1024, 8192), (4096, 30_720), (8192, 20_480), (16_384, 40_960)]
        {
            assert!(is_of_fargate(cpu, memory), "{cpu} {memory}");
        }
        for (cpu, memory) in [(256, 4096), (512, 512), (1024, 2049), (128, 512), (8192, 17_408), (0, 0)] {
            assert!(!is_of_fargate(cpu, memory), "{cpu} {memory}");
        }
    }
}

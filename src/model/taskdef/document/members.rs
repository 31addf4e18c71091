//! The members that RegisterTaskDefinition was known to take when this was written.

use serde_json::Value;

/// For each structure of RegisterTaskDefinition, by its place, its members; `*` where people choose their names. These
/// are botocore's (1.44.5), to which a test holds them.
#[rustfmt::skip]
pub const MEMBERS: &[(&str, &str)] = &[
    ("", "containerDefinitions cpu enableFaultInjection ephemeralStorage executionRoleArn family inferenceAccelerators ipcMode memory networkMode pidMode placementConstraints proxyConfiguration requiresCompatibilities runtimePlatform tags taskRoleArn trustedExecutionConfiguration volumes"),
    ("containerDefinitions", "command cpu credentialSpecs dependsOn disableNetworking dnsSearchDomains dnsServers dockerLabels dockerSecurityOptions entryPoint environment environmentFiles essential extraHosts firelensConfiguration healthCheck hostname image interactive links linuxParameters logConfiguration memory memoryReservation mountPoints name portMappings privileged pseudoTerminal readonlyRootFilesystem repositoryCredentials resourceRequirements restartPolicy secrets startTimeout stopTimeout systemControls ulimits user versionConsistency volumesFrom workingDirectory"),
    ("containerDefinitions.dependsOn", "condition containerName"),
    ("containerDefinitions.dockerLabels", "*"),
    ("containerDefinitions.environment", "name value"),
    ("containerDefinitions.environmentFiles", "type value"),
    ("containerDefinitions.extraHosts", "hostname ipAddress"),
    ("containerDefinitions.firelensConfiguration", "options type"),
    ("containerDefinitions.firelensConfiguration.options", "*"),
    ("containerDefinitions.healthCheck", "command interval retries startPeriod timeout"),
    ("containerDefinitions.linuxParameters", "capabilities devices initProcessEnabled maxSwap sharedMemorySize swappiness tmpfs"),
    ("containerDefinitions.linuxParameters.capabilities", "add drop"),
    ("containerDefinitions.linuxParameters.devices", "containerPath hostPath permissions"),
    ("containerDefinitions.linuxParameters.tmpfs", "containerPath mountOptions size"),
    ("containerDefinitions.logConfiguration", "logDriver options secretOptions"),
    ("containerDefinitions.logConfiguration.options", "*"),
    ("containerDefinitions.logConfiguration.secretOptions", "name valueFrom"),
    ("containerDefinitions.mountPoints", "containerPath readOnly sourceVolume"),
    ("containerDefinitions.portMappings", "appProtocol containerPort containerPortRange hostPort name protocol"),
    ("containerDefinitions.repositoryCredentials", "credentialsParameter"),
    ("containerDefinitions.resourceRequirements", "sharingStrategy type value"),
    ("containerDefinitions.resourceRequirements.sharingStrategy", "nvidiaMps"),
    ("containerDefinitions.resourceRequirements.sharingStrategy.nvidiaMps", "maxComputePercent memory"),
    ("containerDefinitions.restartPolicy", "enabled ignoredExitCodes restartAttemptPeriod"),
    ("containerDefinitions.secrets", "name valueFrom"),
    ("containerDefinitions.systemControls", "namespace value"),
    ("containerDefinitions.ulimits", "hardLimit name softLimit"),
    ("containerDefinitions.volumesFrom", "readOnly sourceContainer"),
    ("ephemeralStorage", "sizeInGiB"),
    ("inferenceAccelerators", "deviceName deviceType"),
    ("placementConstraints", "expression type"),
    ("proxyConfiguration", "containerName properties type"),
    ("proxyConfiguration.properties", "name value"),
    ("runtimePlatform", "cpuArchitecture operatingSystemFamily"),
    ("tags", "key value"),
    ("trustedExecutionConfiguration", "attestationPolicy isolationMode"),
    ("volumes", "configuredAtLaunch dockerVolumeConfiguration efsVolumeConfiguration fsxWindowsFileServerVolumeConfiguration host name s3filesVolumeConfiguration"),
    ("volumes.dockerVolumeConfiguration", "autoprovision driver driverOpts labels scope"),
    ("volumes.dockerVolumeConfiguration.driverOpts", "*"),
    ("volumes.dockerVolumeConfiguration.labels", "*"),
    ("volumes.efsVolumeConfiguration", "authorizationConfig fileSystemId rootDirectory transitEncryption transitEncryptionPort"),
    ("volumes.efsVolumeConfiguration.authorizationConfig", "accessPointId iam"),
    ("volumes.fsxWindowsFileServerVolumeConfiguration", "authorizationConfig fileSystemId rootDirectory"),
    ("volumes.fsxWindowsFileServerVolumeConfiguration.authorizationConfig", "credentialsParameter domain"),
    ("volumes.host", "sourcePath"),
    ("volumes.s3filesVolumeConfiguration", "accessPointArn fileSystemArn rootDirectory transitEncryptionPort"),
];

/// Returns the places of members that are not among these.
pub(super) fn unknown(document: &Value) -> Vec<String> {
    let mut unknown = Vec::new();
    walk("", document, &mut unknown);
    unknown.sort();
    unknown.dedup();
    unknown
}

fn walk(place: &str, value: &Value, unknown: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(place, item, unknown)),
        Value::Object(members) => {
            let known = MEMBERS.iter().find(|(known, _)| *known == place).map_or("", |(_, members)| members);
            for (name, value) in members {
                let inner = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                match known {
                    "*" => {}
                    known if known.split(' ').any(|known| known == name) => walk(&inner, value, unknown),
                    _ => unknown.push(inner),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_known_is_named_by_its_place_once() {
        let document = json!({
            "family": "f",
            "quantum": { "deep": 1 },
            "containerDefinitions": [
                { "name": "a", "dockerLabels": { "anything": "goes" }, "healthCheck": { "command": [], "colour": 1 } },
                { "name": "b", "healthCheck": { "colour": 2 } },
            ],
        });
        assert_eq!(unknown(&document), ["containerDefinitions.healthCheck.colour", "quantum"]);
    }
}

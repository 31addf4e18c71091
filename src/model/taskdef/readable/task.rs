//! What is said of the task itself.

use serde_json::Value;

use super::{Members, Said, each, items, joined, one, said, text, written};

/// The members that the model has a field for, and those that its identity says.
pub(super) const KNOWN: &[&str] = &[
    "taskDefinitionArn",
    "family",
    "revision",
    "status",
    "containerDefinitions",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "compatibilities",
    "runtimePlatform",
    "cpu",
    "memory",
    "registeredAt",
];

/// Reads a member; one that is not known is told by its name.
pub(super) fn read(key: &str, value: &Value) -> Vec<Said> {
    match key {
        "registeredBy" => one("registered by", text(value)),
        "deregisteredAt" => one("deregistered", text(value)),
        "deleteRequestedAt" => one("to be deleted", text(value)),
        "requiresCompatibilities" => one("checked for", text(value)),
        "pidMode" => one("process ids", text(value)),
        "ipcMode" => one("shared memory", text(value)),
        "enableFaultInjection" => one("fault injection", text(value)),
        "ephemeralStorage" => {
            one("ephemeral disk", written(value, |storage| vec![storage.with("", "sizeInGiB", " GiB")]))
        }
        "volumes" => items(value).map(|volume| said("volume", written(volume, of_volume))).collect(),
        "placementConstraints" => each("placement", value, |constraint| {
            vec![Some(constraint.text("type")), constraint.with("", "expression", "")]
        }),
        "proxyConfiguration" => one("proxy", written(value, proxy)),
        "inferenceAccelerators" => each("accelerator", value, |accelerator| {
            vec![Some(accelerator.text("deviceName")), accelerator.with("", "deviceType", "")]
        }),
        "requiresAttributes" => {
            let names = items(value).map(|attribute| written(attribute, |it| vec![Some(it.text("name"))]));
            one("host must have", names.collect::<Vec<_>>().join(" "))
        }
        "trustedExecutionConfiguration" => one(
            "isolation",
            written(value, |it| vec![Some(it.text("isolationMode")), it.with("attested by ", "attestationPolicy", "")]),
        ),
        _ => one(key, text(value)),
    }
}

fn of_volume(volume: &mut Members<'_>) -> Vec<Option<String>> {
    let name = volume.text("name");
    let host = volume.take("host").map(|host| {
        let at = written(host, |host| vec![host.with("", "sourcePath", " of the host")]);
        if at.is_empty() { "of the task, gone with it".to_owned() } else { at }
    });
    let efs = volume.take("efsVolumeConfiguration").map(|efs| format!("EFS {}", written(efs, of_efs)));
    let docker =
        volume.take("dockerVolumeConfiguration").map(|docker| format!("docker {}", written(docker, of_docker)));
    let fsx = volume.take("fsxWindowsFileServerVolumeConfiguration").map(|fsx| format!("FSx {}", written(fsx, of_fsx)));
    let s3 = volume.take("s3filesVolumeConfiguration").map(|files| {
        let parts = |files: &mut Members<'_>| {
            vec![
                Some(files.text("fileSystemArn")),
                files.with("", "rootDirectory", ""),
                files.with("encrypted on port ", "transitEncryptionPort", ""),
                files.with("access point ", "accessPointArn", ""),
            ]
        };
        format!("S3 {}", written(files, parts))
    });
    let launch = volume.whether("configuredAtLaunch", "configured at launch, as EBS volumes are");
    let parts: Vec<Option<String>> = vec![host, efs, docker, fsx, s3, launch];
    let mut parts = parts.into_iter().flatten();
    let first = parts.next().map_or_else(|| name.clone(), |first| format!("{name}: {first}"));
    std::iter::once(first).chain(parts).map(Some).collect()
}

fn of_efs(efs: &mut Members<'_>) -> Vec<Option<String>> {
    let access = efs.take("authorizationConfig").map(|config| {
        written(config, |it| vec![it.with("access point ", "accessPointId", ""), it.with("IAM ", "iam", "")])
    });
    vec![
        Some(efs.text("fileSystemId")),
        efs.with("", "rootDirectory", ""),
        efs.with("encryption in transit ", "transitEncryption", ""),
        efs.with("on port ", "transitEncryptionPort", ""),
        access,
    ]
}

fn of_docker(docker: &mut Members<'_>) -> Vec<Option<String>> {
    vec![
        docker.with("", "scope", ""),
        docker.whether("autoprovision", "made where it is missing"),
        docker.with("driver ", "driver", ""),
        docker.take("driverOpts").map(|options| format!("options {}", joined(options))),
        docker.take("labels").map(|labels| format!("labels {}", joined(labels))),
    ]
}

fn of_fsx(fsx: &mut Members<'_>) -> Vec<Option<String>> {
    let access = fsx.take("authorizationConfig").map(|config| {
        written(config, |it| vec![it.with("domain ", "domain", ""), it.with("login from ", "credentialsParameter", "")])
    });
    vec![Some(fsx.text("fileSystemId")), fsx.with("", "rootDirectory", ""), access]
}

fn proxy(proxy: &mut Members<'_>) -> Vec<Option<String>> {
    let properties = proxy.take("properties").map(|properties| {
        let pair = |it: &Value| format!("{}={}", text(&it["name"]), text(&it["value"]));
        items(properties).map(pair).collect::<Vec<_>>().join(" ")
    });
    vec![proxy.with("", "type", ""), proxy.with("container ", "containerName", ""), properties]
}

//! What is told, member by member.

use serde_json::json;

use super::*;
use crate::model::taskdef::MASK;

fn lines(said: Vec<Said>) -> Vec<String> {
    said.into_iter().map(|it| format!("{}: {}", it.name, it.value)).collect()
}

fn task(members: &Value) -> Vec<String> {
    lines(of_task(&Described::new(json!({ "taskDefinition": members })), false))
}

fn container(members: Value) -> Vec<String> {
    let mut members = members;
    members["name"] = "app".into();
    let described = Described::new(json!({ "taskDefinition": { "containerDefinitions": [members] } }));
    lines(of_container(&described, "app", false))
}

#[test]
fn volumes_say_where_they_are() {
    let volumes = json!({ "volumes": [
        { "name": "scratch", "host": {} },
        { "name": "logs", "host": { "sourcePath": "/var/log" } },
        { "name": "shared", "efsVolumeConfiguration": { "fileSystemId": "fs-1", "rootDirectory": "/data",
            "transitEncryption": "ENABLED", "authorizationConfig": { "accessPointId": "fsap-1", "iam": "ENABLED" } } },
        { "name": "cache", "dockerVolumeConfiguration": { "scope": "shared", "autoprovision": true, "driver": "local",
            "driverOpts": { "device": "tmpfs", "password": "p1" } } },
        { "name": "files", "fsxWindowsFileServerVolumeConfiguration": { "fileSystemId": "fs-2", "rootDirectory": "share",
            "authorizationConfig": { "credentialsParameter": "arn:aws:secretsmanager:x", "domain": "corp" } } },
        { "name": "disk", "configuredAtLaunch": true },
        { "name": "odd", "moonVolumeConfiguration": { "crater": 7 } },
    ]});
    assert_eq!(
        task(&volumes),
        [
            "volume: scratch: of the task, gone with it".to_owned(),
            "volume: logs: /var/log of the host".to_owned(),
            "volume: shared: EFS fs-1, /data, encryption in transit ENABLED, access point fsap-1, IAM ENABLED"
                .to_owned(),
            format!(
                "volume: cache: docker shared, made where it is missing, driver local, options device=tmpfs password={MASK}"
            ),
            "volume: files: FSx fs-2, share, domain corp, login from arn:aws:secretsmanager:x".to_owned(),
            "volume: disk: configured at launch, as EBS volumes are".to_owned(),
            "volume: odd, moonVolumeConfiguration {\"crater\":7}".to_owned(),
        ]
    );
}

#[test]
fn the_task_is_told_in_words() {
    let members = json!({
        "family": "web", "cpu": "256", "volumes": [],
        "ephemeralStorage": { "sizeInGiB": 50 },
        "ipcMode": "task",
        "pidMode": "host",
        "placementConstraints": [{ "type": "memberOf", "expression": "attribute:zone == a" }],
        "proxyConfiguration": { "type": "APPMESH", "containerName": "envoy",
            "properties": [{ "name": "ProxyIngressPort", "value": "15000" }, { "name": "AuthToken", "value": "t1" }] },
        "registeredBy": "arn:aws:iam::1:user/ci",
        "requiresAttributes": [{ "name": "ecs.capability.efs" }],
        "orbit": { "height": 3 },
    });
    let mut told = task(&members);
    told.sort();
    assert_eq!(
        told,
        [
            "ephemeral disk: 50 GiB".to_owned(),
            "host must have: ecs.capability.efs".to_owned(),
            "orbit: {\"height\":3}".to_owned(),
            "placement: memberOf, attribute:zone == a".to_owned(),
            "process ids: host".to_owned(),
            format!("proxy: APPMESH, container envoy, ProxyIngressPort=15000 AuthToken={MASK}"),
            "registered by: arn:aws:iam::1:user/ci".to_owned(),
            "shared memory: task".to_owned(),
        ]
    );
}

#[test]
fn tags_are_told_and_those_that_look_secret_are_not() {
    let described = Described::new(json!({
        "taskDefinition": {},
        "tags": [{ "key": "team", "value": "pay" }, { "key": "deploy-token", "value": "t1" }],
    }));
    assert_eq!(lines(of_task(&described, false)), ["tag: team=pay".to_owned(), format!("tag: deploy-token={MASK}")]);
    assert_eq!(lines(of_task(&described, true))[1], "tag: deploy-token=t1");
}

#[test]
fn the_container_is_told_in_words() {
    let members = json!({
        "image": "app:1", "environment": [{ "name": "A", "value": "b" }], "links": [],
        "portMappings": [{ "containerPort": 80, "protocol": "tcp" },
            { "containerPort": 8080, "name": "http", "appProtocol": "http2" }, { "containerPortRange": "9000-9010" }],
        "healthCheck": { "command": ["CMD", "true"], "interval": 30, "timeout": 5, "retries": 3, "startPeriod": 10 },
        "repositoryCredentials": { "credentialsParameter": "arn:aws:secretsmanager:pull" },
        "logConfiguration": { "logDriver": "splunk", "options": { "splunk-token": "s1", "splunk-url": "https://x" },
            "secretOptions": [{ "name": "splunk-ca", "valueFrom": "arn:aws:ssm:ca" }] },
        "environmentFiles": [{ "value": "arn:aws:s3:::b/a.env", "type": "s3" }],
        "restartPolicy": { "enabled": true, "ignoredExitCodes": [0, 3], "restartAttemptPeriod": 180 },
        "mountPoints": [{ "sourceVolume": "data", "containerPath": "/data", "readOnly": true }],
        "volumesFrom": [{ "sourceContainer": "init", "readOnly": false }],
        "linuxParameters": { "capabilities": { "add": ["SYS_PTRACE"], "drop": ["ALL"] }, "initProcessEnabled": true,
            "sharedMemorySize": 64, "devices": [{ "hostPath": "/dev/fuse", "permissions": ["read", "write"] }],
            "tmpfs": [{ "containerPath": "/run", "size": 16, "mountOptions": ["noexec"] }] },
        "dependsOn": [{ "containerName": "init", "condition": "SUCCESS" }],
        "ulimits": [{ "name": "nofile", "softLimit": 1024, "hardLimit": 65536 }],
        "systemControls": [{ "namespace": "net.core.somaxconn", "value": "1024" }],
        "resourceRequirements": [{ "type": "GPU", "value": "1" }],
        "extraHosts": [{ "hostname": "db", "ipAddress": "10.0.0.9" }],
        "firelensConfiguration": { "type": "fluentbit", "options": { "config-file-type": "file" } },
        "dockerLabels": { "team": "pay", "auth.token": "t1" },
        "credentialSpecs": ["credentialspec:arn:aws:s3:::b/c.json"],
        "startTimeout": 30, "stopTimeout": 120, "user": "1000:1000", "workingDirectory": "/srv",
        "privileged": false, "readonlyRootFilesystem": true, "dnsServers": ["10.0.0.2", "10.0.0.3"],
        "warpDrive": ["on", { "factor": 9 }],
    });
    let mut told = container(members);
    told.sort();
    assert_eq!(
        told,
        [
            "DNS servers: 10.0.0.2 10.0.0.3",
            "capabilities: added SYS_PTRACE, dropped ALL",
            "credential spec: credentialspec:arn:aws:s3:::b/c.json",
            "depends on: init SUCCESS",
            "device: /dev/fuse of the host, read write",
            "directory: /srv",
            "environment: from arn:aws:s3:::b/a.env, s3",
            "extra host: db 10.0.0.9",
            "firelens: fluentbit, config-file-type=file",
            "health check: every 30 s, 5 s to answer, unhealthy after 3 failures, not counted in the first 10 s",
            "init process: yes",
            &format!("label: auth.token={MASK}"),
            "label: team=pay",
            "log secret: splunk-ca from arn:aws:ssm:ca",
            &format!("logs: splunk splunk-token={MASK} splunk-url=https://x"),
            "mount: data at /data, read-only",
            "needs: GPU 1",
            "port: 8080 named http, speaks http2",
            "port: range 9000-9010",
            "privileged: no",
            "pull secret: from arn:aws:secretsmanager:pull",
            "read-only root: yes",
            "restarts: on, not on exit codes 0 3, after it ran for 180 s",
            "shared memory: 64 MiB",
            "start timeout: 30 s",
            "stop timeout: 120 s",
            "sysctl: net.core.somaxconn=1024",
            "tmpfs: /run, 16 MiB, noexec",
            "ulimit: nofile 1024, 65536 at most",
            "user: 1000:1000",
            "volumes from: init",
            "warpDrive: [\"on\",{\"factor\":9}]",
        ]
    );
}

"""Changes a simulated AWS with boto3, and holds every answer against botocore's service models.

Run by tests/changes.rs as sim.py is.
"""

import hashlib
import json
import urllib.request

import boto3
import botocore.exceptions
import botocore.loaders
import botocore.model
import moto

from sim import Pinned, main, paged, refused

INVALID, CLIENT = "InvalidParameterException", "ClientException"


def shapes(path):
    """Holds the shapes that the simulation knows against botocore's."""
    model = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("ecs", "service-2"))

    def written(shape):
        if shape.type_name == "structure":
            return "document" if shape.is_document_type else {name: written(it) for name, it in shape.members.items()}
        if shape.type_name == "list":
            return [written(shape.member)]
        if shape.type_name == "map":
            return {"*": written(shape.value)}
        return shape.type_name + (":" + "|".join(shape.enum) if getattr(shape, "enum", None) else "")

    with open(path) as file:
        known = json.load(file)
    for operation, shape in known.items():
        assert shape == written(model.operation_model(operation).input_shape), operation
    return sorted(known)


def rich():
    """A task definition with much in it."""
    return {
        "family": "rich", "networkMode": "awsvpc", "cpu": "1024", "memory": "3072",
        "requiresCompatibilities": ["FARGATE"], "taskRoleArn": "arn:aws:iam::482913007156:role/rich-task",
        "executionRoleArn": "arn:aws:iam::482913007156:role/ecs-execution", "pidMode": "task",
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "ephemeralStorage": {"sizeInGiB": 40},
        "proxyConfiguration": {
            "type": "APPMESH", "containerName": "envoy", "properties": [{"name": "IgnoredUID", "value": "1337"}],
        },
        "volumes": [
            {"name": "scratch"},
            {"name": "shared", "efsVolumeConfiguration": {
                "fileSystemId": "fs-0a1b2c3d", "rootDirectory": "/app", "transitEncryption": "ENABLED",
                "authorizationConfig": {"accessPointId": "fsap-0123", "iam": "ENABLED"}}},
        ],
        "tags": [{"key": "team", "value": "payments"}, {"key": "Größe", "value": "L"}],
        "containerDefinitions": [
            {
                "name": "app", "image": "public.ecr.aws/docker/library/nginx:1.27@sha256:" + "ab" * 32, "cpu": 512,
                "memory": 1024, "memoryReservation": 512, "essential": True, "user": "1000:1000",
                "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp", "name": "web", "appProtocol": "http"}],
                "entryPoint": ["/bin/sh", "-c"], "command": ["exec app {family} {revision}"],
                "environment": [{"name": "Z", "value": "1"}, {"name": "A", "value": "{family}"}],
                "environmentFiles": [{"value": "arn:aws:s3:::bucket/app.env", "type": "s3"}],
                "secrets": [{"name": "TOKEN", "valueFrom": "arn:aws:ssm:eu-west-1:482913007156:parameter/token"}],
                "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/tmp", "readOnly": False}],
                "dependsOn": [{"containerName": "envoy", "condition": "HEALTHY"}],
                "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
                "ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 4096}],
                "dockerLabels": {"com.example.team": "payments"}, "stopTimeout": 60, "startTimeout": 30,
                "readonlyRootFilesystem": True, "versionConsistency": "enabled",
                "restartPolicy": {"enabled": True, "ignoredExitCodes": [0], "restartAttemptPeriod": 120},
                "logConfiguration": {"logDriver": "awslogs", "options": {
                    "awslogs-group": "/ecs/rich", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "app"}},
                "healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 10, "timeout": 5, "retries": 3},
            },
            {
                "name": "envoy", "image": "envoy:1", "essential": False, "cpu": 0, "environment": [], "mountPoints": [],
                "portMappings": [], "volumesFrom": [], "systemControls": [],
                "firelensConfiguration": {"type": "fluentbit", "options": {"enable-ecs-log-metadata": "true"}},
                "healthCheck": {"command": ["CMD", "true"]},
            },
        ],
    }


def comes_back(said, told, where):
    """Asserts that all that was said is told again; more may be told."""
    if isinstance(said, dict):
        for name, value in said.items():
            assert name in told, f"{where}.{name} is lost"
            comes_back(value, told[name], f"{where}.{name}")
    elif isinstance(said, list):
        assert len(said) == len(told), f"{where}: {told}"
        for index, (one, other) in enumerate(zip(said, told)):
            comes_back(one, other, f"{where}[{index}]")
    else:
        assert said == told, f"{where}: {said!r} became {told!r}"


def register():
    """Registers, describes, lists and deregisters."""
    ecs = Pinned("ecs")
    said = rich()
    for revision in [1, 2]:
        answer = ecs.register_task_definition(**said)
        told = answer["taskDefinition"]
        assert told["revision"] == revision and told["status"] == "ACTIVE" and told["registeredAt"]
        assert answer["tags"] == said["tags"]
        described = ecs.describe_task_definition(taskDefinition=f"rich:{revision}", include=["TAGS"])
        assert described["taskDefinition"] == told and described["tags"] == said["tags"]
        assert "tags" not in ecs.describe_task_definition(taskDefinition="rich")
        comes_back({name: value for name, value in said.items() if name != "tags"}, told, "rich")
        assert told["compatibilities"] == ["EC2", "FARGATE"] and told["registeredBy"].endswith(":user/demo")
        named = {attribute["name"] for attribute in told["requiresAttributes"]}
        assert "ecs.capability.secrets.ssm.environment-variables" in named and "ecs.capability.task-eni" in named
    small = ecs.register_task_definition(family="small", containerDefinitions=[{"name": "a", "image": "a", "memory": 64}])
    small = small["taskDefinition"]
    assert small["compatibilities"] == ["EXTERNAL", "EC2"]
    assert small["containerDefinitions"] == [{
        "name": "a", "image": "a", "memory": 64, "cpu": 0, "essential": True, "environment": [], "mountPoints": [],
        "portMappings": [], "volumesFrom": [], "systemControls": [],
    }]
    gone = ecs.deregister_task_definition(taskDefinition="rich:2")["taskDefinition"]
    assert gone["status"] == "INACTIVE" and gone["deregisteredAt"]
    assert ecs.describe_task_definition(taskDefinition="rich")["taskDefinition"]["revision"] == 1
    assert [arn[-6:] for arn in paged(ecs, "list_task_definitions", "taskDefinitionArns", familyPrefix="rich")] == ["rich:1"]
    refused(CLIENT, ecs.deregister_task_definition, taskDefinition="rich")
    refused(CLIENT, ecs.deregister_task_definition, taskDefinition="rich:9")
    refused(CLIENT, ecs.register_task_definition, "Fargate only supports", **{**said, "networkMode": "bridge"})
    refused(INVALID, ecs.register_task_definition, "Tags can not be empty", **{**said, "tags": []})
    return sorted(ecs.operations)


def update(cluster, service, other):
    """Changes a service in every way there is."""
    ecs = Pinned("ecs")
    at = {"cluster": cluster, "service": service}

    def deployments(answer):
        return len(answer["service"]["deployments"])

    def now():
        return ecs.describe_services(cluster=cluster, services=[service])["services"][0]

    before = now()
    for quiet in [
        {"desiredCount": 3}, {"enableExecuteCommand": False}, {"healthCheckGracePeriodSeconds": 7},
        {"propagateTags": "TASK_DEFINITION"}, {"enableECSManagedTags": False}, {"availabilityZoneRebalancing": "ENABLED"},
        {"deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}},
        {"deploymentConfiguration": {"minimumHealthyPercent": 50, "maximumPercent": 150}},
        {"placementConstraints": [{"type": "distinctInstance"}]},
        {"networkConfiguration": before["networkConfiguration"]}, {"taskDefinition": before["taskDefinition"]},
        {"loadBalancers": []},
    ]:
        answer = ecs.update_service(**at, **quiet)
        assert deployments(answer) == 1, quiet
        comes_back(quiet, answer["service"], "service")
    configuration = now()["deploymentConfiguration"]
    assert configuration["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert (configuration["minimumHealthyPercent"], configuration["maximumPercent"]) == (50, 150)
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"}}
    for count, loud in enumerate([
        {"taskDefinition": other}, {"forceNewDeployment": True}, {"networkConfiguration": network},
        {"platformVersion": "1.4.0"},
        {"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 1}], "forceNewDeployment": True},
    ]):
        answer = ecs.update_service(**at, **loud)
        assert deployments(answer) == count + 2, loud
    told = now()
    assert told["taskDefinition"].endswith(f"/{other}") and told["networkConfiguration"] == network
    assert told["capacityProviderStrategy"] == [{"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 1}]
    primary, *older = told["deployments"]
    assert primary["status"] == "PRIMARY" and primary["rolloutState"] == "IN_PROGRESS"
    assert primary["capacityProviderStrategy"] == told["capacityProviderStrategy"] and "launchType" not in primary
    assert older[-1]["networkConfiguration"] == before["networkConfiguration"] and older[-1]["launchType"] == "FARGATE"
    listed = ecs.list_service_deployments(**at)["serviceDeployments"]
    described = ecs.describe_service_deployments(
        serviceDeploymentArns=[it["serviceDeploymentArn"] for it in listed])["serviceDeployments"]
    revisions = ecs.describe_service_revisions(
        serviceRevisionArns=[it["targetServiceRevisionArn"] for it in listed])["serviceRevisions"]
    assert len(described) == len(revisions) == 6
    return [[it["status"], it.get("statusReason")] for it in listed]


def not_updated(cluster, service, inactive):
    """Asks for changes that AWS refuses."""
    ecs = Pinned("ecs")
    at = {"cluster": cluster, "service": service}
    refused("ClusterNotFoundException", ecs.update_service, cluster="nowhere", service=service)
    refused("ServiceNotFoundException", ecs.update_service, cluster=cluster, service="nothing")
    refused(CLIENT, ecs.update_service, "TaskDefinition not found", **at, taskDefinition="nothing:1")
    refused(CLIENT, ecs.update_service, "TaskDefinition is inactive", **at, taskDefinition=inactive)
    refused(INVALID, ecs.update_service, "desiredCount", **at, desiredCount=-1)
    refused("PlatformUnknownException", ecs.update_service, **at, platformVersion="9.9")
    refused(INVALID, ecs.update_service, "block deployments", **at,
            deploymentConfiguration={"minimumHealthyPercent": 100, "maximumPercent": 100})
    balancer = {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:482913007156:targetgroup/x/1",
                "containerName": "app", "containerPort": 8080}
    refused(INVALID, ecs.update_service, "validate the specified targetGroupArn", **at, loadBalancers=[balancer])
    refused(INVALID, ecs.update_service, "does not exist in the task definition", **at,
            loadBalancers=[{**balancer, "containerName": "nobody"}])
    refused(INVALID, ecs.update_service, "container port 1 defined", **at,
            loadBalancers=[{**balancer, "containerPort": 1}])
    ecs.register_task_definition(family="bridged", networkMode="bridge",
                                 containerDefinitions=[{"name": "app", "image": "a", "memory": 64}])
    refused(INVALID, ecs.update_service, "does not support launch_type FARGATE", **at, taskDefinition="bridged")
    assert len(ecs.describe_services(cluster=cluster, services=[service])["services"][0]["deployments"]) == 1
    return sorted(ecs.operations)


def stop_deployment(cluster, service, definition):
    """Begins a deployment and has it rolled back."""
    ecs = Pinned("ecs")
    at = {"cluster": cluster, "service": service}
    before = ecs.describe_services(cluster=cluster, services=[service])["services"][0]["taskDefinition"]
    last = ecs.list_service_deployments(**at)["serviceDeployments"][0]["serviceDeploymentArn"]
    refused("ConflictException", ecs.stop_service_deployment, serviceDeploymentArn=last)
    refused("ServiceDeploymentNotFoundException", ecs.stop_service_deployment, serviceDeploymentArn=last + "x")
    ecs.update_service(**at, taskDefinition=definition)
    arn = ecs.list_service_deployments(**at)["serviceDeployments"][0]["serviceDeploymentArn"]
    assert ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")["serviceDeploymentArn"] == arn
    ecs.stop_service_deployment(serviceDeploymentArn=arn)
    told = ecs.describe_services(cluster=cluster, services=[service])["services"][0]
    assert told["taskDefinition"] == before
    release = ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]
    assert release["status"] == "ROLLBACK_REQUESTED" and release["rollback"]["reason"]
    return [it["rolloutState"] for it in told["deployments"]]


def run(cluster, definition, command):
    """Runs tasks by hand; prints their ids."""
    ecs = Pinned("ecs")
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
    asked = {
        "cluster": cluster, "taskDefinition": definition, "launchType": "FARGATE", "networkConfiguration": network, "count": 2,
        "startedBy": "me/1", "enableExecuteCommand": True, "clientToken": "a-token", "propagateTags": "TASK_DEFINITION",
        "tags": [{"key": "who", "value": "me"}],
        "overrides": {"cpu": "512", "containerOverrides": [{
            "name": "app", "command": ["sh", "-c", command], "environment": [{"name": "GREETING", "value": "hello"}]}]},
    }
    answer = ecs.run_task(**asked)
    assert not answer["failures"] and len(answer["tasks"]) == 2
    for task in answer["tasks"]:
        assert task["lastStatus"] == "PROVISIONING" and task["startedBy"] == "me/1" and task["cpu"] == "512"
        assert task["group"] == "family:" + definition and task["enableExecuteCommand"]
        assert {tag["key"] for tag in task["tags"]} == {"who", "team"}
        told = task["overrides"]["containerOverrides"]
        assert told[0] == asked["overrides"]["containerOverrides"][0] and told[1] == {"name": "side"}, told
    again = ecs.run_task(**asked)
    assert [task["taskArn"] for task in again["tasks"]] == [task["taskArn"] for task in answer["tasks"]]
    refused("ConflictException", ecs.run_task, **{**asked, "count": 1})
    assert len(ecs.list_tasks(cluster=cluster, startedBy="me/1")["taskArns"]) == 2
    return [task["taskArn"].rsplit("/", 1)[1] for task in answer["tasks"]]


def not_run(cluster, definition, on_instances, retired):
    """Asks for tasks that AWS does not run."""
    ecs = Pinned("ecs")
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
    good = {"cluster": cluster, "taskDefinition": definition, "launchType": "FARGATE", "networkConfiguration": network}
    provider = [{"capacityProvider": "FARGATE"}]
    refused("ClusterNotFoundException", ecs.run_task, **{**good, "cluster": "nowhere"})
    refused(CLIENT, ecs.run_task, "TaskDefinition not found", **{**good, "taskDefinition": "nothing"})
    refused(CLIENT, ecs.run_task, "inactive", **{**good, "taskDefinition": retired})
    refused(INVALID, ecs.run_task, "count", **good, count=11)
    refused(INVALID, ecs.run_task, "not both", **good, capacityProviderStrategy=provider)
    homeless = {name: value for name, value in good.items() if name != "networkConfiguration"}
    refused(INVALID, ecs.run_task, "Network Configuration must be provided", **homeless)
    refused(INVALID, ecs.run_task, "named nobody is not a container", **good,
            overrides={"containerOverrides": [{"name": "nobody"}]})
    refused(INVALID, ecs.run_task, "8192", **good,
            overrides={"containerOverrides": [{"name": "app", "command": ["x" * 9000]}]})
    refused(INVALID, ecs.run_task, "does not support launch_type FARGATE", cluster=cluster, taskDefinition=on_instances, launchType="FARGATE")
    refused(INVALID, ecs.run_task, "startedBy", **good, startedBy="a b")
    refused(INVALID, ecs.run_task, "SERVICE", **good, propagateTags="SERVICE")
    refused(INVALID, ecs.run_task, "No Container Instances", cluster="bare", taskDefinition=on_instances)
    refused(INVALID, ecs.stop_task, "not found", cluster=cluster, task="0" * 32)
    answer = ecs.run_task(cluster=cluster, taskDefinition=on_instances, count=10)
    reasons = {}
    for failure in answer["failures"]:
        reasons[failure["reason"]] = reasons.get(failure["reason"], 0) + 1
    return [len(answer["tasks"]), reasons]


def stop_task(cluster, service):
    """Stops a task of a service."""
    ecs = Pinned("ecs")
    arn = ecs.list_tasks(cluster=cluster, serviceName=service)["taskArns"][0]
    task = ecs.stop_task(cluster=cluster, task=arn, reason="enough of it")["task"]
    assert (task["lastStatus"], task["desiredStatus"]) == ("RUNNING", "STOPPED")
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "enough of it")
    ecs.stop_task(cluster=cluster, task=arn, reason="again")
    refused(INVALID, ecs.stop_task, "255", cluster=cluster, task=arn, reason="x" * 256)
    return arn.rsplit("/", 1)[1]


def tag(cluster, service, definition):
    """Tags whatever has tags."""
    ecs = Pinned("ecs")
    task = ecs.list_tasks(cluster=cluster)["taskArns"][0]
    root = task.split(":task/")[0]
    resources = [task] + [f"{root}:{name}" for name in [
        f"cluster/{cluster}", f"service/{cluster}/{service}", f"task-definition/{definition}"]]
    for arn in resources:
        before = ecs.list_tags_for_resource(resourceArn=arn)["tags"]
        ecs.tag_resource(resourceArn=arn, tags=[{"key": "new", "value": "1"}, {"key": "other", "value": "2"}])
        ecs.tag_resource(resourceArn=arn, tags=[{"key": "new", "value": "3"}])
        ecs.untag_resource(resourceArn=arn, tagKeys=["other"])
        told = ecs.list_tags_for_resource(resourceArn=arn)["tags"]
        assert told == before + [{"key": "new", "value": "3"}], arn
    described = ecs.describe_task_definition(taskDefinition=definition, include=["TAGS"])["tags"]
    assert {"key": "new", "value": "3"} in described
    refused(INVALID, ecs.list_tags_for_resource, resourceArn=f"{root}:service/{cluster}/nothing")
    refused("ClusterNotFoundException", ecs.list_tags_for_resource, resourceArn=f"{root}:cluster/nowhere")
    refused(INVALID, ecs.tag_resource, resourceArn=resources[1], tags=[{"key": "aws:x", "value": "1"}])
    return sorted(ecs.operations)


def ended(cluster, task):
    """Returns how a task has ended."""
    told = Pinned("ecs").describe_tasks(cluster=cluster, tasks=[task])["tasks"][0]
    container = next(it for it in told["containers"] if it["name"] == "app")
    return [told["stopCode"], told["stoppedReason"], container["exitCode"]]


def running(cluster, service):
    """Returns the ids of the tasks of a service."""
    return [arn.rsplit("/", 1)[1] for arn in Pinned("ecs").list_tasks(cluster=cluster, serviceName=service)["taskArns"]]


def lost():
    """Registers a definition, gets no answer, and looks how many families there are."""
    ecs = Pinned("ecs")
    try:
        ecs.register_task_definition(family="a", containerDefinitions=[{"name": "a", "image": "a", "memory": 64}])
    except (botocore.exceptions.ConnectionClosedError, botocore.exceptions.HTTPClientError):
        return len(ecs.list_task_definition_families()["families"])
    raise AssertionError("there was an answer")


def images(account):
    """Looks at what images are built for, as somebody does who is about to deploy one."""
    ecr = Pinned("ecr")
    kept = {"repositoryName": "app"}

    def manifest(**wanted):
        answer = ecr.batch_get_image(**kept, imageIds=[wanted])
        assert not answer["failures"], answer
        return json.loads(answer["images"][0]["imageManifest"])

    def config(manifest):
        url = ecr.get_download_url_for_layer(**kept, layerDigest=manifest["config"]["digest"])["downloadUrl"]
        with urllib.request.urlopen(url) as answer:
            blob = answer.read()
        assert "sha256:" + hashlib.sha256(blob).hexdigest() == manifest["config"]["digest"]
        return json.loads(blob)

    index = manifest(imageTag="both")
    platforms = [it["platform"] for it in index["manifests"]]
    children = [config(manifest(imageDigest=it["digest"]))["architecture"] for it in index["manifests"]]
    assert [it["architecture"] for it in platforms] == children == ["amd64", "arm64"]
    assert config(manifest(imageTag="arm"))["architecture"] == "arm64"
    assert config(manifest(imageTag="7"))["os"] == "linux"
    detail = ecr.describe_images(**kept, imageIds=[{"imageTag": "7"}])["imageDetails"][0]
    assert detail["imageTags"] == ["7"] and detail["registryId"] == account
    assert ecr.describe_images(**kept, imageIds=[{"imageDigest": detail["imageDigest"]}])["imageDetails"] == [detail]
    refused("ImageNotFoundException", ecr.describe_images, "imageTag:'nowhere'", **kept, imageIds=[{"imageTag": "nowhere"}])
    refused("RepositoryNotFoundException", ecr.describe_images, repositoryName="nothing")
    failure = ecr.batch_get_image(**kept, imageIds=[{"imageTag": "nowhere"}])["failures"][0]
    assert failure["failureCode"] == "ImageNotFound"
    refused("LayersNotFoundException", ecr.get_download_url_for_layer, **kept, layerDigest="sha256:" + "0" * 64)
    pages = ecr.get_paginator("describe_images").paginate(**kept, PaginationConfig={"PageSize": 1})
    return sorted(tag for page in pages for it in page["imageDetails"] for tag in it["imageTags"])


def permissions(secret, role):
    """Looks at secrets and roles."""
    secrets, iam = Pinned("secretsmanager"), Pinned("iam")
    told = secrets.describe_secret(SecretId=secret)
    assert told["ARN"] == secret
    assert secrets.describe_secret(SecretId=told["Name"])["ARN"] == secret
    refused("ResourceNotFoundException", secrets.describe_secret, SecretId=secret.replace("there", "nowhere"))
    told = iam.get_role(RoleName=role)["Role"]
    assert told["RoleName"] == role and told["AssumeRolePolicyDocument"]["Statement"][0]["Action"] == "sts:AssumeRole"
    refused("NoSuchEntity", iam.get_role, "cannot be found", RoleName="nobody")
    actions = ["secretsmanager:GetSecretValue", "kms:Decrypt"]
    answer = iam.simulate_principal_policy(PolicySourceArn=told["Arn"], ActionNames=actions, ResourceArns=[secret])
    decisions = [[it["EvalActionName"], it["EvalDecision"]] for it in answer["EvaluationResults"]]
    refused("NoSuchEntity", iam.simulate_principal_policy, PolicySourceArn=told["Arn"] + "x", ActionNames=actions)
    caller = Pinned("sts").get_caller_identity()["Arn"]
    passing = iam.simulate_principal_policy(PolicySourceArn=caller, ActionNames=["iam:PassRole"], ResourceArns=[told["Arn"]])
    return decisions + [[it["EvalActionName"], it["EvalDecision"]] for it in passing["EvaluationResults"]]


def round_trip():
    """Registers a definition here and with moto, and returns what they tell otherwise of it."""
    told = {}
    said = rich()
    ours = Pinned("ecs").register_task_definition(**said)["taskDefinition"]
    with moto.mock_aws():
        theirs = boto3.client("ecs", region_name="eu-west-1", endpoint_url="https://ecs.eu-west-1.amazonaws.com")
        theirs.register_task_definition(**said)
        theirs = theirs.describe_task_definition(taskDefinition="rich")["taskDefinition"]

    def compare(one, other, where):
        if isinstance(one, dict) and isinstance(other, dict):
            for name in one.keys() & other.keys():
                compare(one[name], other[name], f"{where}.{name}")
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            for index, pair in enumerate(zip(one, other)):
                compare(*pair, f"{where}[{index}]")
        elif one != other:
            told[where] = [str(one), str(other)]

    for name in ["registeredAt", "registeredBy", "taskDefinitionArn", "requiresAttributes"]:
        ours.pop(name, None)
        theirs.pop(name, None)
    compare(ours, theirs, "rich")
    lost = {name for name in theirs if name not in ours}
    return [told, sorted(lost)]


if __name__ == "__main__":
    main([ended, images, lost, not_run, not_updated, permissions, register, round_trip, run, running, shapes, stop_deployment, stop_task, tag, update])

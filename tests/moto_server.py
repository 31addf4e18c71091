"""Serves moto on a free port of loopback and fills it as tests/moto.rs asks, one JSON object a line.

Prints the endpoint first, and `ready` after each request. Ends with its standard input.
"""

import json
import logging
import sys

import boto3
from moto.moto_api import state_manager
from moto.moto_api._internal import moto_api_backend
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)


def client(service, endpoint):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="AKID",
        aws_secret_access_key="secret",
    )


def fill(endpoint, clusters, services, tasks):
    ecs, ec2 = client("ecs", endpoint), client("ec2", endpoint)
    ecs.register_task_definition(
        family="web",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "app", "image": "nginx:1", "memory": 128, "essential": True}],
    )
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    network = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": []}}
    for number in range(clusters):
        cluster = f"cluster-{number:03}"
        ecs.create_cluster(clusterName=cluster)
        for service in range(services):
            ecs.create_service(cluster=cluster, serviceName=f"web-{service:03}", taskDefinition="web", desiredCount=1)
        for start in range(0, tasks, 10):
            ecs.run_task(
                cluster=cluster,
                taskDefinition="web",
                launchType="FARGATE",
                count=min(10, tasks - start),
                networkConfiguration=network,
            )


def watch(endpoint, cluster, service):
    """Scales a service, and gives it parameters."""
    scaling, ssm = client("application-autoscaling", endpoint), client("ssm", endpoint)
    of = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{cluster}/{service}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling.register_scalable_target(**of, MinCapacity=2, MaxCapacity=9)
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    scaling.put_scaling_policy(
        **of,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 60, "PredefinedMetricSpecification": metric},
    )
    for number in range(25):
        ssm.put_parameter(Name=f"/application/{service}/P{number:02}", Value="x", Type="String")
    ssm.put_parameter(Name=f"/application/{service}/SECRET", Value="geheim", Type="SecureString", KeyId="alias/web")


def main():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    print(endpoint, flush=True)
    for line in sys.stdin:
        moto_api_backend.reset()
        # Otherwise each look at a task ages it, and the fourth finds it stopped.
        state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1_000_000})
        request = json.loads(line)
        watched = request.pop("watch", None)
        fill(endpoint, **request)
        if watched:
            watch(endpoint, *watched)
        print("ready", flush=True)
    server.stop()


main()

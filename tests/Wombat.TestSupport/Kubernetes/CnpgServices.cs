using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>Creates Services as the operator and a load balancer do. A load balancer's address is this machine.</summary>
internal static class CnpgServices
{
    public static async Task CreateAsync(k8s.Kubernetes client, V1ObjectMeta metadata, string type, int port)
    {
        var service = await client.CoreV1.CreateNamespacedServiceAsync(
            new V1Service
            {
                Metadata = metadata,
                Spec = new V1ServiceSpec { Type = type, Ports = [new V1ServicePort { Port = port }] },
            },
            metadata.NamespaceProperty
        );
        if (type == "LoadBalancer")
        {
            service.Status = new V1ServiceStatus
            {
                LoadBalancer = new V1LoadBalancerStatus { Ingress = [new V1LoadBalancerIngress { Ip = "127.0.0.1" }] },
            };
            await client.CoreV1.ReplaceNamespacedServiceStatusAsync(service, metadata.Name, metadata.NamespaceProperty);
        }
    }

    public static async Task DeleteAsync(k8s.Kubernetes client, string name, string space)
    {
        try
        {
            await client.CoreV1.DeleteNamespacedServiceAsync(name, space);
        }
        catch (JsonException)
        {
            // This server answers with a Status, later ones with the Service, which the client expects.
        }
    }

    public static void AddLabels(V1ObjectMeta metadata, JsonNode? labels)
    {
        foreach (var (name, value) in labels as JsonObject ?? [])
        {
            metadata.Labels[name] = value!.GetValue<string>();
        }
    }
}

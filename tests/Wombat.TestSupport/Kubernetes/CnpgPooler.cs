using System.Text.Json.Nodes;
using k8s.Models;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>The stand-in operator's work for one Pooler: a real PgBouncer with a Service.</summary>
internal sealed class CnpgPooler(
    k8s.Kubernetes client,
    CnpgObjects objects,
    string folder,
    int port,
    TestCertificate certificate,
    CnpgServers servers
) : IAsyncDisposable
{
    private PgBouncer? bouncer;
    private string? configured;
    private string space = "";
    private string name = "";

    public async Task ReconcileAsync(JsonObject json, CnpgCluster cluster)
    {
        (space, name) = (CnpgObjects.Namespace(json), CnpgObjects.Name(json));
        var spec = json["spec"]!.AsObject();
        if (!cluster.Instance.IsRunning)
        {
            return;
        }

        if (spec.ToJsonString() != configured)
        {
            await DisposeAsync();
            bouncer = await PgBouncer.StartAsync(folder, port, certificate, servers, cluster.Instance, spec["pgbouncer"]!.AsObject());
            if (configured is null)
            {
                await CreateServiceAsync(spec, bouncer.Port);
            }

            configured = spec.ToJsonString();
        }

        var instances = spec["instances"]!.GetValue<int>();
        if (json["status"]?["phase"]?.GetValue<string>() != "active" || json["status"]?["instances"]?.GetValue<int>() != instances)
        {
            await objects.SetStatusAsync(
                "poolers",
                json,
                new JsonObject
                {
                    ["phase"] = "active",
                    ["phaseReason"] = null,
                    ["instances"] = instances,
                }
            );
        }
    }

    public async Task RemoveAsync()
    {
        await DisposeAsync();
        if (configured is not null)
        {
            configured = null;
            await CnpgServices.DeleteAsync(client, name, space);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (bouncer is not null)
        {
            await bouncer.DisposeAsync();
            bouncer = null;
        }
    }

    private async Task CreateServiceAsync(JsonObject spec, int port)
    {
        var metadata = new V1ObjectMeta
        {
            Name = name,
            NamespaceProperty = space,
            Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["cnpg.io/poolerName"] = name },
        };
        CnpgServices.AddLabels(metadata, spec["serviceTemplate"]?["metadata"]?["labels"]);
        await CnpgServices.CreateAsync(
            client,
            metadata,
            spec["serviceTemplate"]?["spec"]?["type"]?.GetValue<string>() ?? "ClusterIP",
            port
        );
    }
}

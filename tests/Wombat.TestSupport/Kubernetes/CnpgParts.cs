using System.Security.Cryptography;
using System.Text;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Wombat.TestSupport.Kubernetes;

/// <summary>The Secrets and Pods that the stand-in operator creates for one Cluster.</summary>
internal sealed class CnpgParts(k8s.Kubernetes client, string space, string cluster)
{
    private const string RestartedAt = "kubectl.kubernetes.io/restartedAt";

    public Task WriteAppSecretAsync()
    {
        var (host, password) = ($"{cluster}-rw", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        return WriteSecretAsync(
            $"{cluster}-app",
            "kubernetes.io/basic-auth",
            new(StringComparer.Ordinal)
            {
                ["username"] = "app",
                ["user"] = "app",
                ["password"] = password,
                ["dbname"] = "app",
                ["host"] = host,
                ["port"] = "5432",
                ["pgpass"] = $"{host}:5432:app:app:{password}\n",
                ["uri"] = $"postgresql://app:{password}@{host}.{space}:5432/app",
                ["jdbc-uri"] = $"jdbc:postgresql://{host}.{space}:5432/app?password={password}&user=app",
            }
        );
    }

    public async Task WriteSecretAsync(string name, string type, Dictionary<string, string> data)
    {
        var metadata = Metadata(name);
        metadata.Labels["cnpg.io/reload"] = "true";
        var secret = new V1Secret
        {
            Metadata = metadata,
            Type = type,
            StringData = data,
        };
        await client.CoreV1.CreateNamespacedSecretAsync(secret, space);
    }

    /// <summary>The password in a Secret; null when there is no such Secret.</summary>
    public async Task<CnpgPassword?> ReadPasswordAsync(string name)
    {
        try
        {
            var secret = await client.CoreV1.ReadNamespacedSecretAsync(name, space);
            return new CnpgPassword(Encoding.UTF8.GetString(secret.Data["password"]), secret.Metadata.ResourceVersion);
        }
        catch (HttpOperationException)
        {
            return null;
        }
    }

    /// <param name="since">The restart annotation of the Cluster with which the Pod is started.</param>
    public async Task CreatePodAsync(string? since)
    {
        var metadata = Metadata($"{cluster}-1");
        metadata.Labels["cnpg.io/podRole"] = "instance";
        metadata.Annotations = since is null ? null : new Dictionary<string, string>(StringComparer.Ordinal) { [RestartedAt] = since };
        var container = new V1Container { Name = "postgres", Image = "stand-in" };
        await client.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                Metadata = metadata,
                Spec = new V1PodSpec { Containers = [container] },
            },
            space
        );
    }

    public async Task DeletePodAsync() => await client.CoreV1.DeleteNamespacedPodAsync($"{cluster}-1", space);

    /// <summary>Removes what the garbage collection of Kubernetes removes with a Cluster.</summary>
    public async Task RemoveAsync()
    {
        var selector = $"cnpg.io/cluster={cluster}";
        await client.CoreV1.DeleteCollectionNamespacedSecretAsync(space, labelSelector: selector);
        await client.CoreV1.DeleteCollectionNamespacedPodAsync(space, labelSelector: selector);
        foreach (var service in (await client.CoreV1.ListNamespacedServiceAsync(space, labelSelector: selector)).Items)
        {
            await CnpgServices.DeleteAsync(client, service.Metadata.Name, space);
        }
    }

    public V1ObjectMeta Metadata(string name) =>
        new()
        {
            Name = name,
            NamespaceProperty = space,
            Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["cnpg.io/cluster"] = cluster },
        };
}

namespace Wombat.TestSupport.Kubernetes;

/// <summary>One Kubernetes API server with the stand-in operator for all tests of an assembly. Each test has its own namespace.</summary>
public static class SharedKubernetes
{
    private static readonly Lazy<Task<(KubernetesServer Server, CnpgOperator Operator)>> Started = new(StartAsync);
    private static int namespaces;

    public static async Task<KubernetesServer> ServerAsync() => (await Started.Value).Server;

    public static async Task<CnpgOperator> OperatorAsync() => (await Started.Value).Operator;

    public static async Task<string> NewNamespaceAsync()
    {
        var name = $"test-{Interlocked.Increment(ref namespaces)}";
        await (await ServerAsync()).CreateNamespaceAsync(name);
        return name;
    }

    public static async Task StopAsync()
    {
        if (Started.IsValueCreated)
        {
            var (server, stand) = await Started.Value;
            await stand.DisposeAsync();
            await server.DisposeAsync();
        }
    }

    private static async Task<(KubernetesServer, CnpgOperator)> StartAsync()
    {
        TestFolder.DeleteAbandoned();
        var server = await KubernetesServer.StartAsync();
        await server.GrantAsync(KubernetesServer.Wombat, "wombat", CnpgPermissions.Rules);
        var stand = new CnpgOperator(server.Client);
        await stand.StartAsync();
        return (server, stand);
    }
}

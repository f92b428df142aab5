using System.Text.Json;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Containers by Wombat.Forge, which marks what it makes with the resource's key, lists, and says how it is.</summary>
internal sealed class ForgeProxmoxPlugin(ContainerCli cli) : OperableProxmoxPlugin(cli), IListsResources, IOffersTemplates, ISetsKeys
{
    private static readonly Dictionary<string, string?> NoValues = [];
    private static readonly JsonSerializerOptions Form = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    public override bool FindsByKey => true;

    public override async Task<PluginHealth> HealthAsync(CancellationToken cancel)
    {
        try
        {
            return await AskAsync<PluginHealth>("health", cancel);
        }
        catch (PluginException e)
        {
            return new PluginHealth(Healthy: false, e.Message);
        }
    }

    public async Task<IReadOnlyDictionary<string, ResourceObservation>> ListAsync(CancellationToken cancel)
    {
        var found = new Dictionary<string, ResourceObservation>(StringComparer.Ordinal);
        foreach (var element in await AskAsync<List<Dictionary<string, JsonElement>>>("list", cancel))
        {
            if (CliAnswer.From(element) is { Id: not null, Key: { } key, State: { } state } one)
            {
                found[key] = new ResourceObservation(state, one.Id, one.IpAddress, one.Note);
            }
        }

        return found;
    }

    public async Task<IReadOnlyList<PluginTemplate>> TemplatesAsync(CancellationToken cancel) => await AskAsync<List<PluginTemplate>>("templates", cancel);

    public async Task SetKeysAsync(ResourceRef resource, IReadOnlyList<string> sshKeys, IPluginLog log, CancellationToken cancel)
    {
        using var file = await KeyFile.WriteAsync(Settings.DataDirectory, sshKeys, cancel);
        var values = ContainerCli.Values(resource, keyFile: file.Path);
        await Cli.CallAsync(["keys", "--id", "{id}", "--key", "{key}", "--ssh-key-file", "{ssh_key_file}"], values, Settings.CallTimeout, log, cancel);
    }

    protected override async Task<ResourceObservation?> FindAsync(ResourceRef resource, CancellationToken cancel) =>
        (await ListAsync(cancel)).GetValueOrDefault(resource.ExternalKey);

    private async Task<T> AskAsync<T>(string command, CancellationToken cancel)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(await Cli.CallAsync([command], NoValues, Settings.CallTimeout, null, cancel), Form) ?? throw ContainerCli.NotUnderstood();
        }
        catch (JsonException)
        {
            throw ContainerCli.NotUnderstood();
        }
    }
}

using System.Text.Json;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Containers by Wombat.Forge, which marks what it makes with the resource's key, lists, and says how it is.</summary>
internal sealed class ForgeProxmoxPlugin(ContainerCli cli) : OperableProxmoxPlugin(cli), IListsResources, IOffersTemplates, IPlansResources, ISetsKeys
{
    private static readonly Dictionary<string, string?> NoValues = [];

    public override async Task<PluginHealth> HealthAsync(CancellationToken cancel)
    {
        try
        {
            using var answer = await JsonAsync(["health"], cancel);
            var healthy = answer.RootElement.GetProperty("healthy").GetBoolean();
            return new PluginHealth(healthy, answer.RootElement.GetProperty("message").GetString() ?? "");
        }
        catch (PluginException e)
        {
            return new PluginHealth(Healthy: false, e.Message);
        }
    }

    public async Task<IReadOnlyDictionary<string, ResourceObservation>> ListAsync(CancellationToken cancel)
    {
        using var answer = await JsonAsync(["list"], cancel);
        var found = new Dictionary<string, ResourceObservation>(StringComparer.Ordinal);
        foreach (var element in answer.RootElement.EnumerateArray())
        {
            var one = CliAnswer.From(element);
            if (one is { Id: not null, Key: { } key, State: { } state })
            {
                found[key] = new ResourceObservation(state, one.Id, one.IpAddress, one.Note);
            }
        }

        return found;
    }

    public async Task<IReadOnlyList<PluginTemplate>> TemplatesAsync(CancellationToken cancel)
    {
        using var answer = await JsonAsync(["templates"], cancel);
        return [.. answer.RootElement.EnumerateArray().Select(t => new PluginTemplate(
            t.GetProperty("name").GetString()!, t.GetProperty("description").GetString()!, t.GetProperty("accepts_ssh_keys").GetBoolean(), t.GetProperty("changes_ssh_keys").GetBoolean()))];
    }

    public async Task<IReadOnlyList<PlanObjection>> PlanAsync(ProvisionRequest request, CancellationToken cancel)
    {
        var objections = new List<PlanObjection>();
        var health = await HealthAsync(cancel);
        if (!health.Healthy)
        {
            return [new PlanObjection("plugin", health.Message)];
        }

        var templates = await TemplatesAsync(cancel);
        var template = templates.FirstOrDefault(t => t.Name == request.Template);
        if (template is null)
        {
            objections.Add(new PlanObjection("template", $"is not one of {string.Join(", ", templates.Select(t => t.Name))}"));
        }
        else if (request.SshKeys.Count > 0 && !template.AcceptsSshKeys)
        {
            objections.Add(new PlanObjection("ssh_keys", $"the template {template.Name} takes no keys"));
        }

        return objections;
    }

    public async Task SetKeysAsync(ResourceRef resource, IReadOnlyList<string> sshKeys, IPluginLog log, CancellationToken cancel)
    {
        using var file = await KeyFile.WriteAsync(Settings.DataDirectory, sshKeys, cancel);
        var values = ContainerCli.Values(resource, keyFile: file.Path);
        await Cli.CallAsync(["keys", "--id", "{id}", "--key", "{key}", "--ssh-key-file", "{ssh_key_file}"], values, Settings.CallTimeout, log, cancel);
    }

    protected override async Task<ResourceObservation?> FindAsync(ResourceRef resource, CancellationToken cancel) =>
        (await ListAsync(cancel)).GetValueOrDefault(resource.ExternalKey);

    private async Task<JsonDocument> JsonAsync(string[] arguments, CancellationToken cancel)
    {
        try
        {
            return JsonDocument.Parse(await Cli.CallAsync(arguments, NoValues, Settings.CallTimeout, null, cancel));
        }
        catch (JsonException)
        {
            throw ContainerCli.NotUnderstood();
        }
    }
}

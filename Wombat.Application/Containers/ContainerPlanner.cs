using System.Security.Cryptography;
using Wombat.Application.Access;
using Wombat.Application.Plugins;
using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;
using Wombat.Domain.Projects;

namespace Wombat.Application.Containers;

/// <summary>Turns a request into the container that would be made, for the plan and for the work alike.</summary>
internal sealed class ContainerPlanner(
    PluginRegistry plugins,
    IPluginMonitor monitor,
    RequestContext context,
    ProjectAccessService projectAccess,
    TimeProvider clock
)
{
    private IPlugin Plugin => plugins.ForKind("container");

    /// <exception cref="InvalidInputException">The plugin is known not to have the template, or the template not to take keys. When it cannot be asked, the job will find out.</exception>
    public async Task EnsureTemplateFitsAsync(CreateContainer request, CancellationToken cancel)
    {
        var templates = await monitor.TemplatesAsync(Plugin.Name, cancel);
        if (templates is not { Count: > 0 })
        {
            return;
        }

        var template =
            templates.FirstOrDefault(t => t.Name == request.Template)
            ?? throw new InvalidInputException("template", $"is not one of {string.Join(", ", templates.Select(t => t.Name))}");
        if (request.SshKeys.Count > 0 && !template.AcceptsSshKeys)
        {
            throw new InvalidInputException("ssh_keys", $"the template {template.Name} takes no keys");
        }
    }

    public Container Make(Project project, CreateContainer request)
    {
        var name = request.Name ?? DefaultName(request.Template);
        return Container.Create(
            project,
            Plugin.Name,
            request.Template,
            name,
            new ContainerSize(request.Cpu, request.Memory, request.Disk),
            new GivenKeys(request.SshKeys, context.Caller!.ActorId),
            clock.GetUtcNow()
        );
    }

    /// <summary>What the monitor knows to stand in the way: a plan starts no program and asks no outside system.</summary>
    public async Task<IReadOnlyList<PlanObjection>> ObjectionsAsync(Container container, CancellationToken cancel)
    {
        var templates = await monitor.TemplatesAsync(Plugin.Name, cancel);
        if (monitor.Reports.FirstOrDefault(r => r.Plugin == Plugin) is { Health.Healthy: false } unhealthy)
        {
            return [new PlanObjection("plugin", unhealthy.HealthMessage(projectAccess.HasFullAccess))];
        }

        if (templates is not { Count: > 0 })
        {
            return [];
        }

        return templates.FirstOrDefault(t => t.Name == container.Template) is not { } template
                ? [new PlanObjection("template", $"is not one of {string.Join(", ", templates.Select(t => t.Name))}")]
            : container.SshKeys.Length > 0 && !template.AcceptsSshKeys
                ? [new PlanObjection("ssh_keys", $"the template {template.Name} takes no keys")]
            : [];
    }

    private static string DefaultName(string template)
    {
        var letters = new string([.. template.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Trim('-');
        var stem = letters.Length > 0 && char.IsAsciiLetterLower(letters[0]) ? letters : "c-" + letters;
        return $"{(stem.Length > 50 ? stem[..50].TrimEnd('-') : stem.TrimEnd('-'))}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
    }
}

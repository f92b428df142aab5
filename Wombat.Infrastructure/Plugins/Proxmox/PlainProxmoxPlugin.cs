using Wombat.Domain.Common;
using Wombat.Domain.Containers;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>Containers by a CLI that supports only create, status and delete.</summary>
internal class PlainProxmoxPlugin(ContainerCli cli) : IProvisioner<ContainerSpec>
{
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(5);

    public string Name => Settings.Instance;

    public virtual bool SupportsLookupByKey => Settings.FindArguments.Count > 0;

    public bool IsHostBound => Settings.IsHostBound;

    protected ContainerCli Cli => cli;

    protected ProxmoxOptions Settings => cli.Settings;

    public Task InitializeAsync(CancellationToken cancel)
    {
        CallFiles.RemoveLeftovers(Settings.DataDirectory);
        if (!File.Exists(Settings.CliPath))
        {
            throw new PluginConfigurationException(
                $"plugins.{Name}.cli_path{(Name == ProxmoxPluginType.TypeName ? " (PROXMOX_CLI_PATH)" : "")}: there is no "
                    + $"program at {Settings.CliPath}"
            );
        }

        foreach (
            var (setting, template) in new[]
            {
                ("create_args", Settings.CreateArguments),
                ("status_args", Settings.StatusArguments),
                ("delete_args", Settings.DeleteArguments),
                ("find_args", Settings.FindArguments),
                ("start_args", Settings.StartArguments),
                ("stop_args", Settings.StopArguments),
                ("restart_args", Settings.RestartArguments),
            }
        )
        {
            if (
                template
                    .SelectMany(ArgumentTemplate.Names)
                    .FirstOrDefault(n => !ArgumentTemplate.Known.Contains(n, StringComparer.Ordinal)) is
                { } unknown
            )
            {
                throw new PluginConfigurationException(
                    $"plugins.{Name}.{setting}: {{{unknown}}} must be one of "
                        + $"{string.Join(", ", ArgumentTemplate.Known.Select(k => $"{{{k}}}"))}"
                );
            }
        }

        return Task.CompletedTask;
    }

    public virtual Task<PluginHealth> HealthAsync(CancellationToken cancel) =>
        Task.FromResult(
            File.Exists(Settings.CliPath)
                ? new PluginHealth(Healthy: true, $"{Path.GetFileName(Settings.CliPath)} exists; it has no health command")
                : new PluginHealth(Healthy: false, $"The program {Settings.CliPath} does not exist.")
        );

    public async Task<ResourceObservation> ProvisionAsync(ProvisionRequest<ContainerSpec> request, IPluginLog log, CancellationToken cancel)
    {
        if (await FindAsync(request.Resource, cancel) is { State: not ObservedState.Missing and not ObservedState.Broken } found)
        {
            await log.WriteAsync($"Found {found.ExternalId}, which an earlier call created.", cancel);
            return found;
        }

        using var files = CallFiles.For(Settings.DataDirectory, request.Spec);
        var answer = await CreateAsync(request, files, log, cancel);
        var resource = request.Resource with
        {
            ExternalId =
                answer.Id
                ?? throw new ExternalSystemException(ExternalFailure.Unavailable, "The answer of the container CLI contains no id."),
        };
        await log.ReportExternalIdAsync(resource.ExternalId);
        return answer.State is null ? await StatusAsync(resource, cancel) : Observe(answer, resource);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> FindUnsupported(ContainerSpec spec)
    {
        var known = Settings.CreateArguments.SelectMany(ArgumentTemplate.Names).ToHashSet(StringComparer.Ordinal);
        (string Field, string Argument, bool IsUsed)[] used =
        [
            ("environment", "environment_file", spec.Environment.Count > 0),
            ("user_data", "user_data_file", spec.UserData is not null),
            ("snapshot", "from_id", spec.Origin is not null),
            ("node", "node", spec.Node is not null),
        ];
        return [.. used.Where(u => u.IsUsed && !known.Contains(u.Argument)).Select(u => u.Field)];
    }

    public async Task<ResourceObservation> StatusAsync(ResourceRef resource, CancellationToken cancel)
    {
        if (resource.ExternalId is null)
        {
            return await FindAsync(resource, cancel) ?? ResourceObservation.Missing;
        }

        try
        {
            return Observe(
                await cli.AskAsync(Settings.StatusArguments, ContainerCli.Values(resource), Settings.CallTimeout, null, cancel),
                resource
            );
        }
        catch (ExternalSystemException e) when (e.Kind == ExternalFailure.NotFound)
        {
            return ResourceObservation.Missing;
        }
    }

    public async Task DeprovisionAsync(ResourceRef resource, IPluginLog log, CancellationToken cancel)
    {
        var known = resource;
        if (resource.ExternalId is null)
        {
            var found = await FindAsync(resource, cancel);
            if (found is null or { State: ObservedState.Missing })
            {
                await log.WriteAsync(
                    SupportsLookupByKey ? "already deleted, or never created" : "its id is not known, so nothing was deleted",
                    cancel
                );
                return;
            }

            known = resource with { ExternalId = found.ExternalId };
        }

        await EnsureIsOursAsync(known, cancel);
        try
        {
            await cli.CallAsync(Settings.DeleteArguments, ContainerCli.Values(known), Settings.CallTimeout, log, cancel);
        }
        catch (ExternalSystemException e) when (e.Kind == ExternalFailure.NotFound)
        {
            if ((await StatusAsync(known, cancel)).State != ObservedState.Missing)
            {
                throw new ExternalSystemException(ExternalFailure.Unknown, $"{e.Message} (but {known.ExternalId} still exists)", inner: e);
            }

            await log.WriteAsync("already deleted", cancel);
        }
    }

    /// <summary>Checks before a delete that the id does not belong to another container. A CLI that reports no owner is trusted.</summary>
    /// <exception cref="ExternalSystemException">Conflict: the id belongs to another container.</exception>
    protected virtual async Task EnsureIsOursAsync(ResourceRef resource, CancellationToken cancel)
    {
        CliAnswer answer;
        try
        {
            answer = await cli.AskAsync(
                Settings.StatusArguments,
                ContainerCli.Values(resource),
                Settings.CallTimeout < LongestCheck ? Settings.CallTimeout : LongestCheck,
                null,
                cancel
            );
        }
        catch (ExternalSystemException)
        {
            return;
        }

        if (answer.Key is { } key ? key != resource.ExternalKey : answer.Name is { } name && name != resource.ExternalName)
        {
            throw new ExternalSystemException(
                ExternalFailure.Conflict,
                $"{resource.ExternalId} is now {answer.Name ?? "another container"}, not {resource.ExternalName}, "
                    + $"and was not deleted. If {resource.ExternalName} no longer exists, forget it."
            );
        }
    }

    /// <summary>Finds the container by its key, or with a plain CLI by its unique name.</summary>
    protected virtual async Task<ResourceObservation?> FindAsync(ResourceRef resource, CancellationToken cancel)
    {
        if (!SupportsLookupByKey)
        {
            return resource.ExternalId is null ? null : await StatusAsync(resource, cancel);
        }

        try
        {
            var answer = await cli.AskAsync(Settings.FindArguments, ContainerCli.Values(resource), Settings.CallTimeout, null, cancel);
            return answer.State == ObservedState.Missing || answer.Name is { } name && name != resource.ExternalName ? null
                : answer.Id is null ? throw ContainerCli.NotUnderstood()
                : Observe(answer, resource);
        }
        catch (ExternalSystemException e) when (e.Kind == ExternalFailure.NotFound)
        {
            return null;
        }
    }

    protected static ResourceObservation Observe(CliAnswer answer, ResourceRef resource) =>
        answer.State switch
        {
            ObservedState.Missing => ResourceObservation.Missing,
            ObservedState.Unknown => throw new ExternalSystemException(
                ExternalFailure.Unavailable,
                $"Cannot read the state of {resource.ExternalName}: {answer.Note ?? "the container CLI reports an unknown state"}"
            ),
            { } state => answer.ToObservation(state, answer.Id ?? resource.ExternalId),
            null => throw ContainerCli.NotUnderstood(),
        };

    private async Task<CliAnswer> CreateAsync(
        ProvisionRequest<ContainerSpec> request,
        CallFiles files,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        try
        {
            return await cli.AskAsync(
                Settings.CreateArguments,
                ContainerCli.Values(request.Resource, request.Spec, files),
                Settings.CreateTimeout,
                log,
                cancel
            );
        }
        catch (ExternalSystemException e) when (e.Kind == ExternalFailure.Conflict && !Settings.IsForge)
        {
            // The name is unique, so a container with it was created by an earlier call whose response was lost.
            if (CliAnswer.Read(e.Message) is not { Id: { } id })
            {
                throw;
            }

            var answer = await cli.AskAsync(
                Settings.StatusArguments,
                ContainerCli.Values(request.Resource with { ExternalId = id }),
                Settings.CallTimeout,
                null,
                cancel
            );
            if (answer.Name is { } name && name != request.Resource.ExternalName)
            {
                throw;
            }

            return answer with
            {
                Id = id,
            };
        }
    }
}

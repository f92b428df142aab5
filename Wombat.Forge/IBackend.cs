using Wombat.Infrastructure.Processes;

namespace Wombat.Forge;

/// <summary>Manages containers. Every call is idempotent: a create with a known key returns the existing container.</summary>
internal interface IBackend
{
    Task<Guest> CreateAsync(CreateRequest request, CancellationToken cancel);

    /// <summary>
    /// Lists every container that has a key, including several with the same key. Containers whose key cannot be read have the
    /// status unknown.
    /// </summary>
    Task<IReadOnlyList<Guest>> ListAsync(CancellationToken cancel);

    /// <param name="key">If given, a container with another key counts as not found. The same holds for the methods below.</param>
    /// <exception cref="ForgeException">NotFound if the container certainly does not exist; Unavailable if that is unknown.</exception>
    Task<Guest> StatusAsync(string id, string? key, CancellationToken cancel);

    Task<Guest> StartAsync(string id, string? key, CancellationToken cancel);

    Task<Guest> StopAsync(string id, string? key, CancellationToken cancel);

    Task<Guest> RestartAsync(string id, string? key, CancellationToken cancel);

    Task DeleteAsync(string id, string? key, CancellationToken cancel);

    /// <summary>Changes the size of a container; memory and CPU of a running one at once. A repeated call has the same result.</summary>
    /// <exception cref="ForgeException">
    /// NotFound; Usage: the disk would shrink; Conflict: the container uses more memory. Then nothing was changed.
    /// </exception>
    Task<Guest> ResizeAsync(string id, string? key, GuestSize size, CancellationToken cancel);

    /// <summary>
    /// Replaces the root file system by a new one of the template. Name, address, size and snapshots stay. A running container is killed
    /// and started again. A call that was killed is completed or undone like that of a snapshot.
    /// </summary>
    /// <param name="request">The caller's name for the request: a repeated request with it does nothing again.</param>
    /// <exception cref="ForgeException">NotFound; Capacity if there is no room; Usage if the back end does not support it.</exception>
    Task<Guest> RebuildAsync(string id, string? key, string? request, CancellationToken cancel) =>
        throw new ForgeException(ExitCode.Usage, "rebuilding is not supported on Proxmox VE");

    /// <summary>Gives a container another host name, also while it runs. A repeated call has the same result.</summary>
    /// <exception cref="ForgeException">NotFound; Usage if the back end does not support it.</exception>
    Task<Guest> RenameAsync(string id, string? key, string hostname, CancellationToken cancel) =>
        throw new ForgeException(ExitCode.Usage, "renaming is not supported on Proxmox VE");

    /// <summary>Replaces the SSH keys that Wombat installed in a running container. Keys that users added themselves stay.</summary>
    /// <exception cref="ForgeException">NotFound; Conflict if it is not running; Usage if the back end does not support it.</exception>
    Task<Guest> SetKeysAsync(string id, string? key, IReadOnlyList<string> sshKeys, CancellationToken cancel);

    /// <summary>The program that runs a command inside a running container.</summary>
    /// <exception cref="ForgeException">NotFound; Conflict if it is not running; Usage if the back end does not support it.</exception>
    Task<ChildCommand> AttachAsync(string id, string? key, InsideCommand command, CancellationToken cancel);

    ISnapshots Snapshots { get; }

    Task<IReadOnlyList<string>> LogsAsync(string id, CancellationToken cancel);

    Task<IReadOnlyList<Template>> TemplatesAsync(CancellationToken cancel);

    /// <summary>What all running containers use now.</summary>
    /// <exception cref="ForgeException">Usage if the back end does not support it.</exception>
    Task<IReadOnlyList<GuestUsage>> MeasureAsync(CancellationToken cancel) =>
        throw new ForgeException(ExitCode.Usage, "measurements are not supported on Proxmox VE");

    /// <summary>Removes what the networks of stopped containers have on this machine. Nothing when the back end has no networks.</summary>
    /// <returns>The number of networks.</returns>
    Task<int> RemoveNetworksAsync(CancellationToken cancel) => Task.FromResult(0);

    /// <summary>Builds the images of the templates that are not cached, so that their first use does not wait.</summary>
    /// <param name="template">One template; all of them if null.</param>
    /// <exception cref="ForgeException">Usage: there is no such template. Unavailable: an image cannot be built.</exception>
    async Task<IReadOnlyList<Template>> BuildImagesAsync(string? template, CancellationToken cancel)
    {
        var all = await TemplatesAsync(cancel);
        return template is null ? all
            : all.Where(t => t.Name == template).ToList() is { Count: > 0 } one ? one
            : throw new ForgeException(ExitCode.Usage, $"--template: must be one of {string.Join(", ", all.Select(t => t.Name))}");
    }

    /// <summary>Describes the back end if it is healthy; throws otherwise.</summary>
    Task<string> HealthAsync(CancellationToken cancel);
}

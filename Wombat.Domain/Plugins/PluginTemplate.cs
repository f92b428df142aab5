namespace Wombat.Domain.Plugins;

/// <summary>A template from which containers are created.</summary>
/// <param name="Name">The name that a request for a container uses.</param>
/// <param name="Description">A description for users.</param>
/// <param name="AcceptsSshKeys">Whether containers of this template accept SSH keys.</param>
/// <param name="ChangesSshKeys">Whether the keys of a running container can be replaced.</param>
public sealed record PluginTemplate(string Name, string Description, bool AcceptsSshKeys, bool ChangesSshKeys)
{
    /// <summary>Changes when the image changes; null if unknown.</summary>
    public string? Version { get; init; }

    /// <summary>Whether a container can be created at once; null if unknown.</summary>
    public bool? Cached { get; init; }

    /// <summary>How long the first use takes in seconds; 0 when the image is cached, null if unknown.</summary>
    public int? FirstUseSeconds { get; init; }

    /// <summary>The least memory of a container in MiB; null if unknown.</summary>
    public int? MinMemory { get; init; }

    /// <summary>The least disk of a container in GiB; null if unknown.</summary>
    public int? MinDisk { get; init; }

    /// <summary>Whether its containers take user data, a script for their first start.</summary>
    public bool AcceptsUserData { get; init; }

    /// <summary>The memory in MiB of a container without one; null if it has no limit, or if that is unknown.</summary>
    public int? DefaultMemory { get; init; }

    /// <summary>The disk in GiB of a container without one; null if it has no limit, or if that is unknown.</summary>
    public int? DefaultDisk { get; init; }

    /// <summary>The cores of the machine on which its containers run; null if unknown or if there are several machines.</summary>
    public int? MaxCpu { get; init; }

    /// <summary>The memory of that machine in MiB; null if unknown.</summary>
    public int? MaxMemory { get; init; }

    /// <summary>What of it was not in use when the plugin was asked, in MiB; null if unknown.</summary>
    public int? FreeMemory { get; init; }

    /// <summary>The disk that was not in use when the plugin was asked, in GiB; null if unknown.</summary>
    public int? FreeDisk { get; init; }
}

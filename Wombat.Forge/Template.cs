using System.Text.Json.Nodes;

namespace Wombat.Forge;

/// <summary>An image from which containers are created.</summary>
/// <param name="ChangesSshKeys">Whether SSH keys can be replaced in a running container.</param>
internal sealed record Template(string Name, string Description, bool AcceptsSshKeys, bool ChangesSshKeys)
{
    /// <summary>Changes when the image changes; null if the back end does not know.</summary>
    public string? Version { get; init; }

    /// <summary>Whether a container can be created without building the image first.</summary>
    public bool Cached { get; init; } = true;

    /// <summary>How long the first use takes; 0 when the image is cached.</summary>
    public int FirstUseSeconds { get; init; }

    /// <summary>MiB that a container needs to start; null if unknown.</summary>
    public int? MinMemory { get; init; }

    /// <summary>GiB that the root file system needs; null if unknown.</summary>
    public int? MinDisk { get; init; }

    /// <summary>Whether its containers take a script for their first start.</summary>
    public bool AcceptsUserData { get; init; }

    /// <summary>MiB of a container without a size; null if it has no limit, or if that is unknown.</summary>
    public int? DefaultMemory { get; init; }

    /// <summary>GiB of a container without a size; null if it has no limit, or if that is unknown.</summary>
    public int? DefaultDisk { get; init; }

    /// <summary>What the machine has for containers; null if unknown.</summary>
    public MachineSize? Machine { get; init; }

    public JsonObject ToJson() =>
        new()
        {
            ["name"] = Name,
            ["description"] = Description,
            ["accepts_ssh_keys"] = AcceptsSshKeys,
            ["changes_ssh_keys"] = ChangesSshKeys,
            ["version"] = Version,
            ["cached"] = Cached,
            ["first_use_seconds"] = FirstUseSeconds,
            ["min_memory"] = MinMemory,
            ["min_disk"] = MinDisk,
            ["accepts_user_data"] = AcceptsUserData,
            ["default_memory"] = DefaultMemory,
            ["default_disk"] = DefaultDisk,
            ["max_cpu"] = Machine?.Cores,
            ["max_memory"] = Machine?.MemoryMiB,
            ["free_memory"] = Machine?.FreeMemoryMiB,
            ["free_disk"] = Machine?.FreeDiskGiB,
        };
}

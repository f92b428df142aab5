namespace Wombat.Domain.Plugins;

/// <summary>What to make. Sizes are null where the plugin may choose.</summary>
public sealed record ProvisionRequest(
    ResourceRef Resource,
    string Template,
    int? Cpu,
    int? MemoryMiB,
    int? DiskGiB,
    IReadOnlyList<string> SshKeys
);

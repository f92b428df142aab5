namespace Wombat.Forge;

/// <summary>The container to create.</summary>
/// <param name="Memory">MiB.</param>
/// <param name="Disk">GiB.</param>
/// <param name="Key">The caller's idempotency key, by which it finds the container again.</param>
internal sealed record CreateRequest(
    string Name,
    string Template,
    string? Key,
    int? Cpu,
    int? Memory,
    int? Disk,
    IReadOnlyList<string> SshKeys
);

using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>What a host showed at a test.</summary>
/// <param name="State">The state of the host after the test.</param>
/// <param name="Problem">Why it cannot be used; null if it can.</param>
/// <param name="HostKeys">The keys that it shows now; empty if it did not answer.</param>
public sealed record HostTestDto(SshHostState State, string? Problem, IReadOnlyList<HostKeyDto> HostKeys);

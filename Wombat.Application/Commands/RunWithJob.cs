using Wombat.Domain.Commands;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Commands;

/// <summary>A run and its job, as a query reads them.</summary>
internal sealed class RunWithJob
{
    public required Run Run { get; init; }

    public required Job Job { get; init; }
}

using Wombat.Application.Commands;

namespace Wombat.Api.Endpoints;

/// <summary>A command to create.</summary>
internal sealed class CreateCommandBody : SaveCommandBody
{
    /// <summary>The project whose members may run it; a command of the platform, which is for admins, when absent.</summary>
    public Guid? ProjectId { get; init; }

    internal CreateCommand ToRequest() => new(Name ?? "", ProjectId, ToSpec());
}

using Wombat.Application.Resources;

namespace Wombat.Application.Databases;

/// <summary>A database and the job that the request started for it.</summary>
public sealed class AcceptedDatabase : DatabaseDto, IAcceptedResource
{
    /// <summary>The job that the request started; its status says when the work is done.</summary>
    public Guid JobId { get; set; }
}

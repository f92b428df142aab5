namespace Wombat.Application.Resources;

/// <summary>A resource and the job that the request started for it.</summary>
public interface IAcceptedResource
{
    /// <summary>The job that the request started; its status says when the work is done.</summary>
    Guid JobId { get; set; }
}

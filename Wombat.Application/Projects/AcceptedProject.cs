namespace Wombat.Application.Projects;

/// <summary>A project and the job that the request started for it.</summary>
public sealed class AcceptedProject : ProjectDto
{
    /// <summary>The job that the request started; its status says when the work is done.</summary>
    public Guid JobId { get; set; }
}

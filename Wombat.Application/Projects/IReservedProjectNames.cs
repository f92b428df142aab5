namespace Wombat.Application.Projects;

/// <summary>unix_names to which configured role mappings give roles: who makes such a project is given its members.</summary>
public interface IReservedProjectNames
{
    bool IsReserved(string unixName);
}

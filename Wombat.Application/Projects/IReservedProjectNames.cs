namespace Wombat.Application.Projects;

/// <summary>The unix_names in role mappings. A user who created such a project would get its members.</summary>
public interface IReservedProjectNames
{
    bool IsReserved(string unixName);
}
